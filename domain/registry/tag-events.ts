import type { CallContext } from '../shared/call-context.ts';
import { InvalidInputError } from '../shared/domain-error.ts';
import { makeEvent, type PlatformEvent } from '../shared/event.ts';
import type { Emit } from '../shared/store.ts';
import { ModelTagDeleted, ModelTagSet, ModelVersionTagDeleted, ModelVersionTagSet } from './events.ts';
import { isPrompt } from './mlflow-words.ts';
import { type ModelItem, type VersionItem, versionResource } from './model-records.ts';

type Tags = Readonly<Record<string, string>>;

/** Each changed tag is an event of its own, and a commit takes 90 changes. */
const MOST_CHANGES = 80;

/** One tag of a model was set or, with `after` undefined, taken away; values stay in the store. */
export function modelTagEvent(
  context: CallContext,
  { value, revision }: ModelItem,
  key: string,
  after: string | undefined,
): PlatformEvent {
  return makeEvent(after === undefined ? ModelTagDeleted : ModelTagSet, context, {
    resource: `models/${value.name}/tags/${key}`,
    sequence: revision + 1,
    data: { model: value.name, key, prompt: isPrompt(value.tags) },
    ...valuesOf(value.tags, key, after),
  });
}

/** One tag of a version was set or, with `after` undefined, taken away. */
export function versionTagEvent(
  context: CallContext,
  model: ModelItem,
  { value, revision }: VersionItem,
  key: string,
  after: string | undefined,
): PlatformEvent {
  const { name, tags } = model.value;
  return makeEvent(after === undefined ? ModelVersionTagDeleted : ModelVersionTagSet, context, {
    resource: `${versionResource(name, value.number)}/tags/${key}`,
    sequence: revision + 1,
    data: { model: name, version: value.number, key, prompt: isPrompt(tags) },
    ...valuesOf(value.tags, key, after),
  });
}

/**
 * The events of tags that were replaced as a whole.
 *
 * @throws InvalidInputError when more of them differ than one transaction takes
 */
export function replacedTagEvents(
  before: Tags,
  after: Tags,
  makeTagEvent: (key: string, value: string | undefined) => PlatformEvent,
): Emit[] {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => tagOf(before, key) !== tagOf(after, key),
  );
  if (changed.length > MOST_CHANGES) {
    const message = `changes ${changed.length} tags; at most ${MOST_CHANGES} may change at once`;
    throw new InvalidInputError(`The request ${message}.`, [{ path: 'tags', message }]);
  }
  return changed.map((key) => ({ emit: makeTagEvent(key, tagOf(after, key)) }));
}

/** Own entries only: a tag may be called `constructor`. */
export function tagOf(tags: Tags, key: string): string | undefined {
  return Object.hasOwn(tags, key) ? tags[key] : undefined;
}

function valuesOf(tags: Tags, key: string, after: string | undefined) {
  const before = tagOf(tags, key);
  return {
    before: before === undefined ? {} : { value: before },
    after: after === undefined ? {} : { value: after },
  };
}

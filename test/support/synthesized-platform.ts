import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type CfnResource, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdk from '../../cdk.json' with { type: 'json' };
import { FunctionBundle } from '../../lib/constructs/function-bundle.ts';
import { PlatformFunction } from '../../lib/constructs/platform-function.ts';
import { makePlatform } from '../../lib/platform.ts';

export interface Resource {
  /** `State/PlatformTable…`: stack and logical id, for failure texts. */
  readonly name: string;
  readonly stack: string;
  readonly logicalId: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface SynthesizedFunction extends Resource {
  /** `<capability>/<verb-noun>`. */
  readonly entry: string;
}

export interface SynthesizedPlatform {
  readonly resources: readonly Resource[];
  readonly functions: readonly SynthesizedFunction[];
  /** Entries that are published as an object instead of a function. */
  readonly bundledEntries: readonly string[];
  readonly templates: Readonly<Record<string, object>>;
}

/** The app without bundling, native parts and CDK's own template check, which only cost time in tests. */
export function makeTestApp(context: Readonly<Record<string, unknown>> = {}): App {
  process.env.CDK_VALIDATION = 'false';
  const outdir = mkdtempSync(join(tmpdir(), 'perennial-templates-'));
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  return new App({ outdir, context: { ...cdk.context, 'perennial:bundle': 'false', ...context } });
}

/** Synthesizes every stack of an installation; once a test file, since it takes about a second. */
export function synthesizePlatform(context: Readonly<Record<string, unknown>> = {}): SynthesizedPlatform {
  const app = makeTestApp(context);
  const stacks = makePlatform(app);
  const templates = Object.fromEntries(
    stacks.map((stack) => [stackName(stack), Template.fromStack(stack).toJSON()]),
  );
  const resources = Object.entries(templates).flatMap(([stack, template]) => listResources(stack, template));
  const made = app.node.findAll();
  const entries = new Map(
    made.filter((node) => node instanceof PlatformFunction).map((node) => [toName(node), node.entry]),
  );
  return {
    templates,
    resources,
    functions: resources
      .filter(({ name }) => entries.has(name))
      .map((resource) => ({ ...resource, entry: entries.get(resource.name)! })),
    bundledEntries: made.filter((node) => node instanceof FunctionBundle).map(({ entry }) => entry),
  };
}

function toName(node: PlatformFunction): string {
  const resource = node.node.defaultChild as CfnResource;
  return `${stackName(node.stack)}/${node.stack.getLogicalId(resource)}`;
}

/** `State`, without the installation. */
function stackName(stack: Stack): string {
  return stack.stackName.split('-').at(-1)!;
}

function listResources(stack: string, template: object): Resource[] {
  const { Resources = {} } = template as { Resources?: Record<string, Omit<Resource, 'name'>> };
  return Object.entries(Resources).map(([logicalId, resource]) => ({
    ...resource,
    Properties: resource.Properties ?? {},
    name: `${stack}/${logicalId}`,
    stack,
    logicalId,
  }));
}

/** Text of a property whose tokens are unknown until deployment: each counts as a present word. */
export function resolveText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [separator, parts] = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
  return parts === undefined ? 'token' : parts.map(resolveText).join(separator);
}

import { describe, expect, it } from 'vitest';
import { findImports, listSourceFiles, readSource } from '../support/source-files.ts';
import { findViolation } from './import-rules.ts';

const files = listSourceFiles();

describe('imports', () => {
  it('go only in the allowed direction', () => {
    const violations = files.flatMap((file) => findImports(file)).map(findViolation);

    expect(violations.filter(Boolean)).toEqual([]);
  });

  it('take zod as a namespace, since the named one carries 264 KB of translations', () => {
    const named = files.filter((file) =>
      /import\s*(type\s*)?\{[^}]*\}\s*from\s*'zod'/.test(readSource(file)),
    );

    expect(named).toEqual([]);
  });

  it('keep zod and SDK clients off the path of a prediction', () => {
    const reached = reachableFrom('functions/serving/answer-inference/handler.ts');

    const heavy = reached.filter(({ target }) => /^(zod|@aws-sdk|@aws-lambda-powertools)/.test(target));

    expect(heavy.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });

  it.each([
    ['domain/registry/x.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['domain/registry/x.ts', "import { judge } from '../deployment/judge/judge.ts';"],
    ['domain/serving/x.ts', "import * as z from 'zod';"],
    ['functions/registry/a/handler.ts', "import { x } from '../b/handler.ts';"],
    ['functions/registry/a/handler.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['lib/stacks/x.ts', "import { environment } from '../../functions/a/b/environment.ts';"],
    ['adapters/s3/x.ts', "import { Stack } from 'aws-cdk-lib';"],
    ['sdk/x.ts', "import { createModel } from '../domain/registry/create-model.ts';"],
    ['cli/x.ts', "const x = await import('../domain/registry/create-model.ts');"],
  ])('refuses in %s: %s', (file, code) => {
    const violations = findImports(file, code).map(findViolation);

    expect(violations).toEqual([expect.stringContaining(`${file} imports `)]);
  });

  it.each([
    ['domain/registry/x.ts', "import type { Rollout } from '../deployment/contract.ts';"],
    ['lib/stacks/x.ts', "import type { environment } from '../../functions/a/b/environment.ts';"],
    ['functions/registry/a/handler.ts', "import type { SQSEvent } from 'aws-lambda';"],
  ])('allows in %s: %s', (file, code) => {
    const violations = findImports(file, code).map(findViolation);

    expect(violations).toEqual([undefined]);
  });
});

/** Every import that loading a file runs, its imports' imports included. */
function reachableFrom(start: string) {
  const seen = new Set<string>();
  const queue = files.includes(start) ? [start] : [];
  const reached = [];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const imports = findImports(file).filter(({ typeOnly }) => !typeOnly);
    reached.push(...imports);
    queue.push(...imports.filter(({ target }) => target.endsWith('.ts')).map(({ target }) => target));
  }
  return reached;
}

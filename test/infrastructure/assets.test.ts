import { readFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { assembleLayer, missingPackages } from '../../layers/native-layers.ts';
import { bundleOf } from '../../lib/constructs/function-bundles.ts';
import { NativeLayer } from '../../lib/constructs/native-layer.ts';
import { makeTestApp } from '../support/synthesized-platform.ts';

/** Some platform whose DuckDB is not installed here. */
const foreign = ['linux-arm64', 'linux-x64', 'darwin-arm64'].find(
  (platform) => missingPackages('duckdb', platform).length > 0,
)!;

describe('a layer of native parts', () => {
  it('is made when it is published, where the machine has not got the binaries', () => {
    const app = makeTestApp({ platform: foreign, 'perennial:bundle': 'true' });
    const stack = new Stack(app, 'Layers');
    new NativeLayer(stack, 'DuckDb', { layer: 'duckdb' });

    const assembly = app.synth();

    const manifest = readFileSync(`${assembly.directory}/Layers.assets.json`, 'utf8');
    const { files } = JSON.parse(manifest) as {
      files: Record<string, { source: { executable?: string[] } }>;
    };
    const made = Object.values(files).flatMap(({ source }) => (source.executable ? [source.executable] : []));
    expect(made).toEqual([
      [process.execPath, expect.stringMatching(/scripts\/pack-layer\.ts$/), 'duckdb', foreign],
    ]);
  });

  it('says what is missing and how to get it', () => {
    expect(() => assembleLayer('duckdb', foreign)).toThrow(
      `run: node scripts/pack-layer.ts duckdb ${foreign}`,
    );
  });
});

describe('bundleOf', () => {
  it('refuses an entry without a handler', () => {
    const app = makeTestApp();

    expect(() => bundleOf(app, 'registry/do-nothing')).toThrow(
      'functions/registry/do-nothing/handler.ts does not exist',
    );
  });
});

import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const MODULES = join(ROOT, 'node_modules');

/** Assembled layers and foreign binaries; ignored by git, made again when absent. */
const WORK = join(ROOT, '.perennial/layers');

export type LayerName = 'onnxruntime' | 'duckdb';

interface Layer {
  /** npm packages of the layer on this platform; the first one's version is the layer's. */
  packages(platform: string): string[];
  /** Whether a file of a package is needed at run time on this platform. */
  keeps(path: string, platform: string): boolean;
}

const isRuntimeFile = (path: string): boolean => !/\.(map|d\.ts|d\.mts|md)$/.test(path);

const LAYERS: Record<LayerName, Layer> = {
  onnxruntime: {
    packages: () => ['onnxruntime-node', 'onnxruntime-common'],
    keeps: (path, platform) => {
      if (path.includes('onnxruntime-common/dist/esm') || /onnxruntime-node\/(script|lib)/.test(path)) {
        return false;
      }
      const binary = /\/bin\/napi-v\d+\/(\w+)(?:\/(\w+))?/.exec(path);
      const [os, cpu] = platform.split('-');
      if (binary && (binary[1] !== os || (binary[2] !== undefined && binary[2] !== cpu))) return false;
      return isRuntimeFile(path);
    },
  },
  duckdb: {
    packages: (platform) => [
      '@duckdb/node-api',
      '@duckdb/node-bindings',
      `@duckdb/node-bindings-${platform}`,
    ],
    keeps: isRuntimeFile,
  },
};

/** Folder of one of the layer's packages: the project's own, or one that scripts/pack-layer.ts fetched. */
function findPackage(name: string, platform: string): string | undefined {
  const fetched = join(foreignFolder(platform), 'node_modules', name);
  return [join(MODULES, name), fetched].find((folder) => existsSync(folder));
}

/** Where packages of another platform than the host's are installed. */
export function foreignFolder(platform: string): string {
  return join(WORK, 'packages', platform);
}

/** The layer's packages that are on this machine for no platform, or not for this one. */
export function missingPackages(layer: LayerName, platform: string): string[] {
  return LAYERS[layer].packages(platform).filter((name) => findPackage(name, platform) === undefined);
}

/** Version of a package of the project, as the lock file fixed it. */
export function layerVersion(layer: LayerName): string {
  const [first] = LAYERS[layer].packages('');
  return JSON.parse(readFileSync(join(MODULES, first!, 'package.json'), 'utf8')).version;
}

/** Changes when the layer's content would; the content itself is too big to hash at every synth. */
export function layerHash(layer: LayerName, platform: string): string {
  return createHash('sha256')
    .update(`${layer} ${layerVersion(layer)} ${platform} 1`)
    .digest('hex');
}

/**
 * Folder with the layer's `nodejs/node_modules`, one platform's binaries only; assembled once a version.
 *
 * @throws Error naming the packages that are absent and the command that fetches them.
 */
export function assembleLayer(layer: LayerName, platform: string): string {
  const missing = missingPackages(layer, platform);
  if (missing.length > 0) {
    throw new Error(
      `The layer '${layer}' for ${platform} needs ${missing.join(', ')}; ` +
        `run: node scripts/pack-layer.ts ${layer} ${platform}`,
    );
  }
  const target = join(WORK, `${layer}-${platform}-${layerHash(layer, platform).slice(0, 16)}`);
  if (existsSync(target)) return target;
  mkdirSync(dirname(target), { recursive: true });
  const partial = mkdtempSync(`${target}-`);
  for (const name of LAYERS[layer].packages(platform)) {
    cpSync(findPackage(name, platform)!, join(partial, 'nodejs/node_modules', name), {
      recursive: true,
      filter: (path) => LAYERS[layer].keeps(path, platform),
    });
  }
  publish(partial, target);
  return target;
}

/** Makes the finished folder visible at once; another process may have been first. */
function publish(partial: string, target: string): void {
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw new Error(`Cannot write ${basename(target)}.`, { cause: error });
  }
}

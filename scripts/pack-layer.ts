import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  assembleLayer,
  foreignFolder,
  type LayerName,
  layerVersion,
  missingPackages,
} from '../layers/native-layers.ts';

interface Zip {
  addLocalFolder(folder: string): void;
  writeZip(file: string): void;
}

/**
 * Fetches a layer's packages for a platform that is not this machine's, packs the layer and prints the file's
 * path. The CDK runs it when it publishes such a layer; by hand: node scripts/pack-layer.ts duckdb linux-arm64
 */
function packLayer(layer: LayerName, platform: string): string {
  if (missingPackages(layer, platform).length > 0) fetchPackages(layer, platform);
  const folder = assembleLayer(layer, platform);
  const file = `${folder}.zip`;
  rmSync(file, { force: true });
  // Part of onnxruntime-node's own dependencies, so always installed.
  const AdmZip = createRequire(import.meta.resolve('onnxruntime-node'))('adm-zip') as new () => Zip;
  const zip = new AdmZip();
  zip.addLocalFolder(folder);
  zip.writeZip(file);
  return file;
}

function fetchPackages(layer: LayerName, platform: string): void {
  const [os, cpu] = platform.split('-');
  const folder = foreignFolder(platform);
  mkdirSync(folder, { recursive: true });
  const name = missingPackages(layer, platform)[0];
  execFileSync(
    'npm',
    [
      ...['install', '--prefix', folder, `--os=${os}`, `--cpu=${cpu}`, '--libc=glibc'],
      ...['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--force'],
      `${name}@${layerVersion(layer)}`,
    ],
    // Standard output is the answer to the CDK.
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

const [layer, platform] = process.argv.slice(2);
if (layer === undefined || platform === undefined) {
  console.error('Usage: node scripts/pack-layer.ts onnxruntime|duckdb PLATFORM');
  process.exitCode = 2;
} else {
  process.stdout.write(packLayer(layer as LayerName, platform));
}

import { MemoryArtifactFiles } from '../../../adapters/memory/memory-artifact-files.ts';
import { describeArtifactFiles } from '../../contract/artifact-files-contract.ts';

const files = new MemoryArtifactFiles();

describeArtifactFiles('memory', () => ({
  files,
  prefix: 'tenants/acme/experiments/0/',
  putPart: async (url, content) => files.putPart(url, content),
}));

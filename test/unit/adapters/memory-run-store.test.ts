import { MemoryRunStore } from '../../../adapters/memory/memory-run-store.ts';
import { describeRunStore } from '../../contract/run-store-contract.ts';

describeRunStore('in memory', async () => new MemoryRunStore());

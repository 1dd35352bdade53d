import { MemoryRunStore } from '../../../adapters/memory/memory-run-store.ts';
import { MemoryStore } from '../../../adapters/memory/memory-store.ts';
import { describeRunStore } from '../../contract/run-store-contract.ts';

describeRunStore('in memory', async () => {
  const store = new MemoryStore();
  return { store, runs: new MemoryRunStore(store) };
});

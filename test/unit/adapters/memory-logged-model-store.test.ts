import { MemoryLoggedModelStore } from '../../../adapters/memory/memory-logged-model-store.ts';
import { MemoryStore } from '../../../adapters/memory/memory-store.ts';
import { describeLoggedModelStore } from '../../contract/logged-model-store-contract.ts';

describeLoggedModelStore('in memory', async () => {
  const store = new MemoryStore();
  return { store, models: new MemoryLoggedModelStore(store) };
});

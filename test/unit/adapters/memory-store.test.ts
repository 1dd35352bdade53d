import { MemoryStore } from '../../../adapters/memory/memory-store.ts';
import { describeStore } from '../../contract/store-contract.ts';

describeStore('in memory', async () => new MemoryStore());

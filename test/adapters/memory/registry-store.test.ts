import {
  type MemoryRegistryState,
  makeMemoryRegistryStore,
} from '../../../functions/adapters/memory/registry-store.ts';
import { registryStoreContract } from '../contract/registry-store.ts';
import { wallClock } from '../wall-clock.ts';

registryStoreContract('memory', async () => {
  const state: MemoryRegistryState = { registrations: null };
  const store = makeMemoryRegistryStore({ name: 'registry-a', state });
  return { store, other: store, clock: wallClock, end: async () => {} };
});

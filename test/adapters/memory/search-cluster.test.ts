import {
  makeMemorySearchCluster,
  makeMemorySearchState,
  openMemorySearchEpoch,
} from '../../../functions/adapters/memory/search-cluster.ts';
import { searchClusterContract } from '../contract/search-cluster.ts';
import { wallClock } from '../wall-clock.ts';

searchClusterContract('memory', async () => {
  const state = makeMemorySearchState(1);
  return {
    cluster: makeMemorySearchCluster({ name: 'search-primary', state }),
    clock: wallClock,
    openEpoch: async (epoch) => openMemorySearchEpoch(state, epoch),
    async damage(index, id, change) {
      const documents = state[index] as Map<string, unknown>;
      documents.set(id, { ...(documents.get(id) as object), ...change });
    },
    end: async () => {},
  };
});

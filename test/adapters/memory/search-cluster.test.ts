import {
  makeMemorySearchCluster,
  makeMemorySearchState,
  openMemorySearchEpoch,
} from '../../../functions/adapters/memory/search-cluster.ts';
import { makeMemorySearchUpkeep } from '../../../functions/adapters/memory/search-upkeep.ts';
import { searchClusterContract } from '../contract/search-cluster.ts';
import { searchUpkeepContract } from '../contract/search-upkeep.ts';
import { sharding } from '../contract/writer-subject.ts';
import { wallClock } from '../wall-clock.ts';

const makeSubject = async () => {
  const state = makeMemorySearchState(1);
  return {
    cluster: makeMemorySearchCluster({ name: 'search-primary', state }),
    upkeep: makeMemorySearchUpkeep({ name: 'search-primary', state, slotOf: sharding.slotOf }),
    clock: wallClock,
    openEpoch: async (epoch: number) => openMemorySearchEpoch(state, epoch),
    async damage(index: 'members' | 'identifiers', id: string, change: Readonly<Record<string, unknown>>) {
      const documents = state[index] as Map<string, unknown>;
      documents.set(id, { ...(documents.get(id) as object), ...change });
    },
    end: async () => {},
  };
};

searchClusterContract('memory', makeSubject);
searchUpkeepContract('memory', makeSubject);

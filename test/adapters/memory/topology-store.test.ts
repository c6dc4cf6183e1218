import { makeMemoryTopologyStore } from '../../../functions/adapters/memory/topology-store.ts';
import { sampleTopology, topologyStoreContract } from '../contract/topology-store.ts';
import { wallClock } from '../wall-clock.ts';

topologyStoreContract('memory', async () => {
  const state = { topology: sampleTopology };
  return {
    store: makeMemoryTopologyStore({ name: 'parameters-a', state }),
    clock: wallClock,
    async write(topology) {
      state.topology = topology;
    },
    end: async () => {},
  };
});

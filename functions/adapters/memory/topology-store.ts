import type { Topology, TopologyDocument, TopologyStore } from '../../core/failover/topology.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** A centre's parameter: whoever changes the topology puts another one in here. */
export interface MemoryTopologyState {
  topology: Topology;
}

export function makeMemoryTopologyStore(options: {
  readonly name: string;
  readonly state: MemoryTopologyState;
  readonly turn?: Turn;
}): TopologyStore {
  const { name, state, turn = noTurn } = options;
  return { read: () => taking(turn, name, () => state.topology) };
}

/** The same parameter, for whoever changes it: one step. */
export function makeMemoryTopologyDocument(
  options: Parameters<typeof makeMemoryTopologyStore>[0],
): TopologyDocument {
  const { name, state, turn = noTurn } = options;
  return {
    name,
    change: (change) =>
      taking(turn, name, () => {
        const wanted = change(state.topology);
        if (wanted !== null) state.topology = { ...wanted, version: state.topology.version + 1 };
        return state.topology;
      }),
  };
}

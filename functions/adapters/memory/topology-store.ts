import type { Topology, TopologyStore } from '../../core/failover/topology.ts';
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

import type { EpochRegister } from '../../core/failover/ports.ts';
import { isSameEpoch, type MemoryRegister } from './memory-journal.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** An epoch register in memory, a centre's or the witness's: a method one step on the state. */
export function makeMemoryEpochRegister(options: {
  readonly name: string;
  readonly state: MemoryRegister;
  readonly turn?: Turn;
}): EpochRegister {
  const { name, state, turn = noTurn } = options;
  return {
    name,
    read: () => taking(turn, name, () => ({ ...state.held, longestPromiseMs: state.longestPromiseMs })),

    renew: (epoch, lengthMs) =>
      taking(turn, name, () => {
        if (!isSameEpoch(state.held, epoch)) return 'older-epoch';
        state.longestPromiseMs = Math.max(state.longestPromiseMs, Math.ceil(lengthMs));
        return 'promised';
      }),

    raise: (epoch) =>
      taking(turn, name, () => {
        if (epoch.epoch <= state.held.epoch && !isSameEpoch(state.held, epoch)) return 'older-epoch';
        state.held = { epoch: epoch.epoch, centre: epoch.centre };
        return 'raised';
      }),
  };
}

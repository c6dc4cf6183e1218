import { invariant } from '../../core/kernel/invariant.ts';
import type { SyncMessage, SyncQueue } from '../../core/propagation/ports.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** A queue's messages: a plain list, which outlives a simulated process. Who drives it decides about order and repeats. */
export type MemoryQueueState = SyncMessage[];

export interface MemorySyncQueue extends SyncQueue {
  readonly length: number;
  /** Hands out a message without removing it, as a queue does that has to hand it out again. */
  peek(index: number): SyncMessage;
  /** Removes a message, wherever it stands, and hands it out. */
  take(index: number): SyncMessage;
}

export function makeMemorySyncQueue(options: {
  readonly name: string;
  readonly state: MemoryQueueState;
  readonly turn?: Turn;
}): MemorySyncQueue {
  const { name, state, turn = noTurn } = options;
  const peek = (index: number): SyncMessage => {
    const message = state[index];
    invariant(message !== undefined, `${name} has no message ${index}`);
    return message;
  };
  return {
    get length() {
      return state.length;
    },
    peek,
    take(index) {
      const message = peek(index);
      state.splice(index, 1);
      return message;
    },
    send: (message) =>
      taking(turn, name, () => {
        state.push(message);
      }),
  };
}

import type { QueueGauge } from '../../core/propagation/ports.ts';
import type { MemoryQueueState } from './sync-queue.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** Counts a queue in memory. Whoever takes a message there has it for good, and none is ever given up. */
export const makeMemoryQueueGauge = (options: {
  readonly name: string;
  readonly state: MemoryQueueState;
  readonly turn?: Turn;
}): QueueGauge => ({
  depth: () =>
    taking(options.turn ?? noTurn, options.name, () => ({
      waiting: options.state.length,
      underWay: 0,
      dead: 0,
    })),
});

/**
 * Trimming: walks the slots of a database cluster around and around, a few a round, and deletes what is past its age.
 *
 * The mark comes before the tokens. A void token says that its claim can never commit; it may go only once the mark says
 * so in its place. A used one says that its row counts as bound; below the mark only the member tells.
 */
import { type Clock, type Deadline, remainingMs, within } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { type Sharding, slotCount } from '../sharding/sharding.ts';
import type { Trimming } from './ports.ts';
import type { Retention } from './retention.ts';

export interface TrimmerPorts {
  readonly trimming: Trimming;
  readonly retention: Retention;
  readonly sharding: Pick<Sharding, 'clusterOfSlot' | 'slotOf'>;
  readonly ids: Pick<Ids, 'token'>;
  readonly clock: Clock;
}

/** How long a round may go on with slots that have more than a batch. */
const workMs = 1_000;
const rowsMax = 100;

interface Walk {
  readonly slots: readonly number[];
  next: number;
  unfinished: readonly number[];
  /** The day that the mark was raised to last. */
  markDay: number;
}

export type Trimmer = (databaseCluster: string, deadline: Deadline) => Promise<void>;

export function makeTrimmer(ports: TrimmerPorts): Trimmer {
  const { trimming, retention, sharding, ids, clock } = ports;
  const walks = new Map<string, Walk>();

  /** A relay that never lives for a whole walk must not always begin at the same slot. */
  const begin = (databaseCluster: string): Walk => {
    const slots = Array.from({ length: slotCount }, (_, slot) => slot).filter(
      (slot) => sharding.clusterOfSlot(slot) === databaseCluster,
    );
    const walk = { slots, next: sharding.slotOf(ids.token()), unfinished: [], markDay: 0 };
    walks.set(databaseCluster, walk);
    return walk;
  };

  const step = (walk: Walk): readonly number[] => {
    const { slots, next } = walk;
    const count = Math.min(retention.slotsARound, slots.length);
    walk.next = (next + count) % slots.length;
    return Array.from({ length: count }, (_, index) => slots[(next + index) % slots.length] ?? 0);
  };

  return async (databaseCluster, deadline) => {
    const walk = walks.get(databaseCluster) ?? begin(databaseCluster);
    if (walk.slots.length === 0) return;
    const markDay = retention.oldestTokenDay(clock.nowMs());
    if (markDay > walk.markDay) {
      const { kind } = await trimming.raiseTokenMark(databaseCluster, markDay, deadline);
      if (kind === 'not-the-writer') return;
      walk.markDay = markDay;
    }
    const work = within(clock, deadline, workMs);
    do {
      const slots = walk.unfinished.length > 0 ? walk.unfinished : step(walk);
      walk.unfinished = [];
      const trimmed = await trimming.trim(databaseCluster, slots, retention, rowsMax, deadline);
      if (trimmed.kind === 'not-the-writer') return;
      walk.unfinished = trimmed.unfinished;
    } while (walk.unfinished.length > 0 && remainingMs(clock, work) > 0);
  };
}

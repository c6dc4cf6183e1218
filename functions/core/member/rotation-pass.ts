/**
 * One pass of a rotation: every member is walked by, and refreshed where it needs to be. It keeps no state: who is
 * current is passed over, so a pass that was killed is done again at the cost of reading.
 */
import { type Clock, deadlineAfter } from '../kernel/clock.ts';
import { orNull } from '../kernel/invariant.ts';
import { slotCount } from '../sharding/sharding.ts';
import { SealBroken } from './errors.ts';
import type { IdentifierHasher } from './identifiers.ts';
import type { StoredMember } from './member.ts';
import type { KeyedHasher, MemberWalk, Sealer } from './ports.ts';
import { arrearsOf, type Refresh, type RefreshStep, stepsFor } from './refresh.ts';

export interface PassPorts {
  readonly walk: MemberWalk;
  readonly refresh: Refresh;
  readonly hasher: IdentifierHasher;
  readonly sealer: Sealer;
  readonly requestHasher: KeyedHasher;
  readonly clock: Clock;
}

export interface Pass {
  readonly step: RefreshStep;
  /** Tells the requests of one run from those of another. */
  readonly run: string;
  /** Refreshes a second, at most. */
  readonly ratePerSecond: number;
  readonly onSlot?: (slot: number, tally: PassTally) => void;
}

export interface PassTally {
  readonly seen: number;
  readonly refreshed: number;
  /** Members that need the other step still. */
  readonly othersDue: number;
  readonly left: readonly LeftMember[];
  readonly leftCount: number;
}

/** A member that could not be refreshed, and why: an outcome's name. */
export interface LeftMember {
  readonly memberId: string;
  readonly why: string;
}

const pageMax = 200;
const handsMax = 4;
const attemptsMax = 4;
const againMs = 500;
const requestMs = 5_000;
/** As many of those that are left are named; all are counted. */
const leftMax = 100;

/** Who made these changes, in the history. No caller of the API can have this name. */
const rotationCaller = 'operator:rotate';

/** @throws WriterSilent: the pass is done again later */
export function makePass(ports: PassPorts): (pass: Pass) => Promise<PassTally> {
  const { walk, refresh, requestHasher, clock } = ports;

  /** What a member needs; null when it does not open. */
  const stepsOf = (stored: StoredMember): readonly RefreshStep[] | null => {
    try {
      return stepsFor(arrearsOf(ports.sealer.open(stored), stored, ports));
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  };

  return async ({ step, run, ratePerSecond, onSlot }) => {
    const tally = { seen: 0, refreshed: 0, othersDue: 0, left: [] as LeftMember[], leftCount: 0 };
    const leave = (memberId: string, why: string): void => {
      tally.leftCount++;
      if (tally.left.length < leftMax) tally.left.push({ memberId, why });
    };
    let nextMs = clock.monotonicMs();
    const takeTurn = async (): Promise<void> => {
      const nowMs = clock.monotonicMs();
      const mineMs = Math.max(nowMs, nextMs);
      nextMs = mineMs + 1000 / ratePerSecond;
      if (mineMs > nowMs) await clock.sleep(mineMs - nowMs);
    };

    const refreshOne = async (memberId: string): Promise<void> => {
      const request = {
        caller: rotationCaller,
        idempotencyKey: `${run}.${step}`,
        requestHash: requestHasher.hash('refresh', step, memberId),
      };
      let why = '';
      for (let attempt = 0; attempt < attemptsMax; attempt++) {
        if (attempt > 0) await clock.sleep(againMs * attempt);
        await takeTurn();
        const outcome = await orNull(refresh(memberId, step, request, deadlineAfter(clock, requestMs)));
        if (outcome?.kind === 'done') {
          tally.refreshed++;
          return;
        }
        if (outcome?.kind === 'current') return;
        why = outcome === null ? 'no-answer' : outcome.kind === 'unavailable' ? outcome.reason : outcome.kind;
        if (outcome !== null && outcome.kind !== 'unavailable') break;
      }
      leave(memberId, why);
    };

    const workPage = async (members: readonly StoredMember[]): Promise<void> => {
      const due: string[] = [];
      for (const stored of members) {
        tally.seen++;
        const steps = stepsOf(stored);
        if (steps === null) leave(stored.memberId, 'seal-broken');
        else if (steps.includes(step)) due.push(stored.memberId);
        if (steps?.some((other) => other !== step)) tally.othersDue++;
      }
      const hands = Array.from({ length: handsMax }, async () => {
        for (let memberId = due.shift(); memberId !== undefined; memberId = due.shift())
          await refreshOne(memberId);
      });
      await Promise.all(hands);
    };

    const readPage = async (slot: number, after: string): Promise<readonly StoredMember[]> => {
      for (let attempt = 1; ; attempt++) {
        const page = await orNull(walk.page(slot, after, pageMax, deadlineAfter(clock, requestMs)));
        if (page?.kind === 'page') return page.members;
        if (attempt === attemptsMax) throw new WriterSilent(slot);
        await clock.sleep(againMs * attempt);
      }
    };

    for (let slot = 0; slot < slotCount; slot++) {
      for (let after = ''; ; ) {
        const members = await readPage(slot, after);
        await workPage(members);
        if (members.length < pageMax) break;
        after = members.at(-1)?.memberId ?? '';
      }
      onSlot?.(slot, tally);
    }
    return tally;
  };
}

/** The writer of a slot did not say which members it has: nothing can be said of the rest. */
class WriterSilent extends Error {
  readonly code = 'writer-silent';

  constructor(slot: number) {
    super(`the writer of slot ${slot} does not answer, or has no lease to write`);
  }
}

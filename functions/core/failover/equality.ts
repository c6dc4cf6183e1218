/**
 * Proof that a copy is the writer's equal, before writers move to it on purpose: every slot has the same digest at both.
 * Changes go on meanwhile, so a slot that differs is looked at again; one that still differs in the last look is unequal.
 */
import { type Clock, type Deadline, remainingMs } from '../kernel/clock.ts';
import { slotCount } from '../sharding/sharding.ts';

export interface SlotDigests {
  readonly name: string;
  /** Of the rows of these slots, in order; by whatever the server shows now. */
  digests(slots: readonly number[], deadline: Deadline): Promise<readonly string[]>;
}

const slotsAtOnce = 64;
const looksMax = 20;
const pauseMs = 250;

/** @returns the slots that differ */
export async function unequalSlots(
  writer: SlotDigests,
  copy: SlotDigests,
  clock: Clock,
  deadline: Deadline,
): Promise<readonly number[]> {
  let left: readonly number[] = Array.from({ length: slotCount }, (_, slot) => slot);
  for (let look = 1; ; look++) {
    const differing: number[] = [];
    for (let from = 0; from < left.length; from += slotsAtOnce) {
      const slots = left.slice(from, from + slotsAtOnce);
      const [there, here] = await Promise.all([
        writer.digests(slots, deadline),
        copy.digests(slots, deadline),
      ]);
      differing.push(...slots.filter((_, index) => there[index] !== here[index]));
    }
    left = differing;
    if (left.length === 0 || look === looksMax || remainingMs(clock, deadline) < pauseMs) return left;
    await clock.sleep(pauseMs);
  }
}

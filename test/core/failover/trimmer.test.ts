import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { claimMs, entryLifetimeMs, writeDeadlineMs } from '../../../functions/core/failover/durations.ts';
import type { Trimming } from '../../../functions/core/failover/ports.ts';
import {
  binaryLogDays,
  dayMs,
  deadLetterDays,
  idempotencyMs,
  journalDays,
  queueDays,
  registrationMs,
  retention,
  tokenDays,
} from '../../../functions/core/failover/retention.ts';
import { makeTrimmer } from '../../../functions/core/failover/trimmer.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const hourMs = 3_600_000;

/** A trimmer of c0, which has every other slot, and what it asked for. A batch takes 10 ms. */
function make(scene: { readonly unfinished?: (call: number) => readonly number[] } = {}) {
  const clock = makeHandClock();
  clock.advance(Date.UTC(2026, 0, 10));
  const [raised, trimmed]: [number[], (readonly number[])[]] = [[], []];
  let answers: 'well' | 'not-the-writer' | 'away' = 'well';
  const trimming: Trimming = {
    async raiseTokenMark(_, day) {
      if (answers === 'not-the-writer') return { kind: answers };
      raised.push(day);
      return { kind: 'raised' };
    },
    async trim(_, slots) {
      clock.advance(10);
      trimmed.push(slots);
      if (answers === 'away') throw new DependencyUnavailable('database c0', new Error('away'));
      return { kind: 'trimmed', unfinished: scene.unfinished?.(trimmed.length) ?? [] };
    },
  };
  const trim = makeTrimmer({
    trimming,
    retention,
    sharding: { clusterOfSlot: (slot) => `c${slot % 2}`, slotOf: () => 500 },
    ids: { token: () => '20260110.x' },
    clock,
  });
  return {
    clock,
    raised,
    trimmed,
    answer: (how: typeof answers) => {
      answers = how;
    },
    round: () => trim('c0', { atMonotonicMs: clock.monotonicMs() + 3_000 }),
  };
}

describe('a round of trimming', () => {
  it('looks into a few slots, and a walk into each of the cluster’s once', async () => {
    const { round, trimmed } = make();
    for (let rounds = 0; rounds < 512 / retention.slotsARound; rounds++) await round();
    for (const slots of trimmed) expect(slots.length).toBe(retention.slotsARound);
    const walked = trimmed.flat();
    expect(new Set(walked).size).toBe(512);
    expect(walked.every((slot) => slot % 2 === 0)).toBe(true);
    expect(walked[0]).toBe(1000);
    await round();
    expect(trimmed.at(-1)).toEqual(trimmed[0]);
  });

  it('raises the mark before anything else, once a day', async () => {
    const { round, raised, trimmed, clock, answer } = make();
    answer('not-the-writer');
    await round();
    expect(trimmed).toEqual([]);
    answer('well');
    await round();
    await round();
    expect(raised).toEqual([20260108]);
    clock.advance(24 * hourMs);
    await round();
    expect(raised).toEqual([20260108, 20260109]);
  });

  it('goes on with slots that have more, for a bounded time, and after that in the next round', async () => {
    const some = make({ unfinished: (call) => (call < 4 ? [7] : []) });
    await some.round();
    expect(some.trimmed.slice(1)).toEqual([[7], [7], [7]]);
    const endless = make({ unfinished: () => [7] });
    await endless.round();
    expect(endless.trimmed.length).toBe(100);
    await endless.round();
    expect(endless.trimmed[100]).toEqual([7]);
  });

  it('comes around to slots that were not answered', async () => {
    const { round, trimmed, answer } = make();
    answer('away');
    await expect(round()).rejects.toBeInstanceOf(DependencyUnavailable);
    answer('well');
    for (let rounds = 0; rounds < 512 / retention.slotsARound; rounds++) await round();
    expect(trimmed.at(-1)).toEqual(trimmed[0]);
  });
});

describe('how long things are kept', () => {
  it('hangs together', () => {
    expect(idempotencyMs).toBe(24 * hourMs);
    expect(registrationMs).toBeGreaterThan(idempotencyMs + 10 * writeDeadlineMs);
    expect(tokenDays * dayMs).toBeGreaterThan(dayMs + claimMs + writeDeadlineMs);
    expect(deadLetterDays).toBeGreaterThan(queueDays);
    expect(deadLetterDays).toBeLessThanOrEqual(14);
    expect(retention.oldestTokenDay(Date.UTC(2026, 2, 1, 0, 0, 1))).toBe(20260227);
  });

  it('is what docs/data-protection.md says', () => {
    const text = readFileSync('docs/data-protection.md', 'utf8');
    for (const stated of [
      `${idempotencyMs / hourMs} hours`,
      `${registrationMs / hourMs} hours`,
      `today and the ${tokenDays} days before`,
      `${queueDays} days`,
      `${deadLetterDays} days`,
      `${journalDays} day`,
      `${binaryLogDays} day`,
      `${entryLifetimeMs / 60_000} minutes`,
    ]) {
      expect(text).toContain(stated);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeIds } from '../../../functions/adapters/system/ids.ts';
import { makeSystemClock } from '../../../functions/adapters/system/system-clock.ts';
import { makeSystemRandom } from '../../../functions/adapters/system/system-random.ts';
import type { Clock } from '../../../functions/core/kernel/clock.ts';
import { dayOfToken, type Random } from '../../../functions/core/kernel/ids.ts';

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const clockAt = (nowMs: () => number): Clock => ({ nowMs, monotonicMs: nowMs, sleep: async () => {} });
const timeOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
const random = makeSystemRandom();

describe("members' ids", () => {
  test('are the UUIDv7 of RFC 9562, given the bits of its example', () => {
    // Appendix A.6: 2022-02-22T19:22:22Z, rand_a CC3 (here the counter's start, whose first bit stays free: 4C3).
    const bits = Buffer.from('18c4dc0c0c07398f0cc3', 'hex');
    const ids = makeIds(
      clockAt(() => 1_645_557_742_000),
      { ...random, bytes: () => bits },
    );
    expect(ids.memberId()).toBe('017f22e2-79b0-74c3-98c4-dc0c0c07398f');
  });

  test('carry the time, and are all different', () => {
    const clock = makeSystemClock();
    const ids = makeIds(clock, random);
    const before = Math.floor(clock.nowMs());
    const made = Array.from({ length: 10_000 }, () => ids.memberId());
    for (const id of made) expect(id).toMatch(uuidV7);
    expect(new Set(made).size).toBe(made.length);
    expect(timeOf(made[0] as string)).toBeGreaterThanOrEqual(before);
    expect([...made].sort()).toEqual(made);
  });

  test('each is above the one before, whatever the clock and the randomness do', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: -5, max: 5 }), fc.uint8Array({ minLength: 10, maxLength: 10 })),
      {
        minLength: 2,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(steps, (drawn) => {
        let nowMs = 1_700_000_000_000.5;
        let bytes = new Uint8Array(10);
        const ids = makeIds(
          clockAt(() => nowMs),
          { ...random, bytes: () => bytes },
        );
        let last = '';
        for (const [stepMs, drawnBytes] of drawn) {
          nowMs += stepMs;
          bytes = drawnBytes;
          const id = ids.memberId();
          expect(id).toMatch(uuidV7);
          expect(id > last).toBe(true);
          last = id;
        }
      }),
    );
  });

  test('more than a millisecond has room for borrow from the next', () => {
    const most: Random = { ...random, bytes: () => new Uint8Array(10).fill(0xff) };
    const ids = makeIds(
      clockAt(() => 1_000),
      most,
    );
    const made = Array.from({ length: 5_000 }, () => ids.memberId());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
    expect(timeOf(made[0] as string)).toBe(1_000);
    expect(timeOf(made.at(-1) as string)).toBe(1_002);
  });

  test('leave the bytes they were given alone', () => {
    const bits = new Uint8Array(10).fill(0xff);
    makeIds(makeSystemClock(), { ...random, bytes: () => bits }).memberId();
    expect(bits).toEqual(new Uint8Array(10).fill(0xff));
  });
});

describe('tokens', () => {
  test('carry their day in UTC, and 128 random bits', () => {
    const at = (iso: string) =>
      makeIds(
        clockAt(() => Date.parse(iso)),
        { ...random, bytes: (length) => new Uint8Array(length).fill(0xfb) },
      ).token();
    expect(at('2026-01-31T23:59:59.999Z')).toBe('20260131.-_v7-_v7-_v7-_v7-_v7-w');
    expect(dayOfToken(at('2026-02-01T00:00:00.000Z'))).toBe(20260201);
  });

  test('are all different, and fit into 40 characters', () => {
    const ids = makeIds(makeSystemClock(), random);
    const made = Array.from({ length: 1_000 }, () => ids.token());
    for (const token of made) expect(token).toMatch(/^\d{8}\.[\w-]{22}$/);
    expect(new Set(made).size).toBe(made.length);
  });
});

describe('the system', () => {
  test('has a clock whose durations never go back, and that sleeps at least as long as told', async () => {
    const clock = makeSystemClock();
    const [nowMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    await clock.sleep(5);
    // A timer may come up to a millisecond early by the finer clock.
    expect(clock.monotonicMs() - monotonicMs).toBeGreaterThanOrEqual(4);
    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1_000);
    expect(nowMs).toBeGreaterThan(1_600_000_000_000);
  });

  test('has randomness of the length asked for', () => {
    expect(random.bytes(12)).toHaveLength(12);
    expect(random.bytes(12)).not.toEqual(random.bytes(12));
    const fraction = random.fraction();
    expect(fraction).toBeGreaterThanOrEqual(0);
    expect(fraction).toBeLessThan(1);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { Position } from '../../../functions/core/search/breaker.ts';
import type { CacheClusterSubject } from './cache-cluster.ts';

/** What a Redis keeps of breakers. @param makeSubject a blank Redis */
export function breakerCopiesContract(name: string, makeSubject: () => Promise<CacheClusterSubject>): void {
  describe(`copies of breakers: ${name}`, () => {
    let subject: CacheClusterSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.end());
    const soon = () => deadlineAfter(subject.clock, 10_000);
    const open = (version: number): Position => ({ state: 'open', times: 0, version });
    const topology = JSON.stringify({ version: 1, suspendedParts: [], revokedKeyHashes: [] });
    const state = async () => JSON.parse((await subject.other.read('m:1', [], soon())).state ?? 'null');
    const call = { calls: 1, failures: 1, ms: 20 };
    /** So long that no test sees its end. */
    const hourMs = 3_600_000;

    test('calls of all add up, those of another search cluster apart', async () => {
      await subject.cluster.countCalls('primary', call, hourMs, soon());
      await subject.cluster.countCalls('backup', call, hourMs, soon());
      const { number, current, previous } = await subject.other.countCalls(
        'primary',
        { calls: 3, failures: 0, ms: 10.4 },
        hourMs,
        soon(),
      );
      expect(current.calls).toBe(4);
      expect(current.failures).toBe(1);
      expect(Math.round(current.ms)).toBe(30);
      expect(previous).toEqual({ calls: 0, failures: 0, ms: 0 });
      expect(Number.isSafeInteger(number)).toBe(true);
    });

    test('a window is followed by the next, and one that is long gone is forgotten', async () => {
      let last = (await subject.cluster.countCalls('primary', call, 1, soon())).number;
      let followed = 0;
      for (let tries = 0; tries < 3_000 && followed < 3; tries++) {
        const { number, current, previous } = await subject.cluster.countCalls('primary', call, 1, soon());
        if (number === last + 1) {
          followed++;
          expect(current).toEqual(call);
          expect(previous.calls).toBeGreaterThanOrEqual(1);
        }
        if (number > last + 1) expect(previous.calls).toBe(0);
        last = number;
      }
    });

    test('a position is in the state at once, beside revoked keys, and whatever topology comes', async () => {
      expect(await subject.cluster.moveBreaker('primary', 0, open(1), soon())).toBe('moved');
      expect(await state()).toBeNull();
      await subject.cluster.putState(topology, soon());
      expect(await state()).toEqual({ ...JSON.parse(topology), breakers: { primary: open(1) } });
      await subject.cluster.revoke(['k1'], soon());
      await subject.other.moveBreaker('backup', 3, open(4), soon());
      await subject.cluster.putState(topology, soon());
      expect(await state()).toEqual({
        ...JSON.parse(topology),
        breakers: { primary: open(1), backup: open(4) },
        revokedKeyHashes: ['k1'],
      });
      expect(await subject.other.breakers(soon())).toEqual({ primary: open(1), backup: open(4) });
    });

    test('of two that saw the same position, one moves it', async () => {
      await subject.cluster.moveBreaker('primary', 0, open(1), soon());
      const elected: Position = { state: 'probing', times: 0, version: 2 };
      const outcomes = await Promise.all([
        subject.cluster.moveBreaker('primary', 1, elected, soon()),
        subject.other.moveBreaker('primary', 1, elected, soon()),
      ]);
      expect([...outcomes].sort()).toEqual(['moved', 'overtaken']);
      expect(await subject.cluster.moveBreaker('primary', 0, open(1), soon())).toBe('overtaken');
      expect(await subject.cluster.breakers(soon())).toEqual({ primary: elected });
    });

    test('one that lost its memory takes what others have seen', async () => {
      await subject.cluster.moveBreaker('primary', 0, open(1), soon());
      await subject.restartEmpty();
      expect(await subject.cluster.breakers(soon())).toEqual({});
      expect(await subject.cluster.moveBreaker('primary', 6, open(7), soon())).toBe('moved');
    });
  });
}

import { describe, expect, test } from 'vitest';
import {
  afterCalls,
  afterProbe,
  type Calls,
  closed,
  isProbeDue,
  mayBeRead,
  noCalls,
  type Position,
  pauseMs,
  probeMs,
  usualStrategy,
  type Windows,
} from '../../../functions/core/search/breaker.ts';

const well: Calls = { calls: 20, failures: 0, ms: 20 * 5 };
const slow: Calls = { calls: 20, failures: 0, ms: 20 * 180 };
const failing: Calls = { calls: 8, failures: 4, ms: 8 * 100 };
const suspect: Position = { state: 'suspect', window: 10, version: 3 };
const open = { state: 'open', times: 0 } as const;
const recovering: Position = {
  state: 'recovering',
  nextSlot: 64,
  isClean: true,
  incarnation: 'i',
  version: 9,
};

const windows = (number: number, current: Calls, previous: Calls = noCalls): Windows => ({
  number,
  current,
  previous,
});
const next = (position: Position, seen: Windows) => afterCalls(position, seen, usualStrategy);

describe('a breaker, by the calls of a window', () => {
  test('stays closed while they go well, and says nothing of a window that is not over', () => {
    expect(next(closed, windows(11, well, well))).toBeNull();
    expect(next(closed, windows(11, slow, well))).toBeNull();
  });

  test('is suspect after a window that was too slow on average', () => {
    expect(next(closed, windows(11, well, slow))).toEqual({ state: 'suspect', window: 10 });
  });

  test('is suspect by no window with too few calls', () => {
    expect(next(closed, windows(11, noCalls, { calls: 4, failures: 0, ms: 2_000 }))).toBeNull();
  });

  test('opens when the next window is too slow still, and not by the same one again', () => {
    expect(next(suspect, windows(11, slow, slow))).toBeNull();
    expect(next(suspect, windows(12, well, slow))).toEqual(open);
  });

  test('closes again when the next window went well, and waits where it had too few calls', () => {
    expect(next(suspect, windows(12, noCalls, well))).toEqual({ state: 'closed' });
    expect(next(suspect, windows(12, noCalls, noCalls))).toBeNull();
  });

  test.each([['closed', closed] as const, ['suspect', suspect] as const])(
    'opens from %s at once when too many fail, within a window or over two',
    (_, position) => {
      expect(next(position, windows(11, failing))).toEqual(open);
      const half: Calls = { calls: 2, failures: 2, ms: 400 };
      expect(next(position, windows(11, half, half))).toEqual(open);
    },
  );

  test('does not open for a few failures among many calls', () => {
    expect(next(closed, windows(11, { calls: 400, failures: 12, ms: 2_000 }))).toBeNull();
  });

  test.each(['open', 'probing'] as const)('in %s is not moved by calls', (state) => {
    expect(next({ state, times: 1, version: 4 }, windows(11, failing, slow))).toBeNull();
  });

  test('in recovery is not moved by calls', () => {
    expect(next(recovering, windows(11, failing, slow))).toBeNull();
  });
});

describe('a probe', () => {
  test('is due when the pause is over: the longer the more of them went badly, up to a bound', () => {
    for (const times of [0, 1, 2, 9]) {
      const position: Position = { state: 'open', times, version: 4 };
      expect(isProbeDue(position, pauseMs(times) - 1)).toBe(false);
      expect(isProbeDue(position, pauseMs(times))).toBe(true);
    }
    expect([pauseMs(0) < pauseMs(1), pauseMs(1) < pauseMs(2), pauseMs(2)]).toEqual([true, true, pauseMs(9)]);
  });

  test('is given up without an outcome, so that another is elected', () => {
    const position: Position = { state: 'probing', times: 0, version: 5 };
    expect(isProbeDue(position, probeMs - 1)).toBe(false);
    expect(isProbeDue(position, probeMs)).toBe(true);
  });

  test('is never due in another position', () => {
    for (const position of [closed, suspect, recovering]) expect(isProbeDue(position, 1e9)).toBe(false);
  });

  test('that goes well begins a recovery, with everything to be compared; one that does not opens for longer', () => {
    expect(afterProbe(true, 2)).toEqual({ state: 'recovering', nextSlot: 0, isClean: true, incarnation: '' });
    expect(afterProbe(false, 2)).toEqual({ state: 'open', times: 3 });
  });
});

test('a cluster is read while it is closed or suspect, and in no other position', () => {
  const positions: Position[] = [
    closed,
    suspect,
    { ...open, version: 4 },
    { state: 'probing', times: 0, version: 5 },
    recovering,
  ];
  expect(positions.filter(mayBeRead).map(({ state }) => state)).toEqual(['closed', 'suspect']);
});

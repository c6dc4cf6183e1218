import { describe, expect, test } from 'vitest';
import {
  type Found,
  type Freshness,
  judgeLookup,
  judgeMember,
  type ReadAnswer,
} from '../../scripts/load/judge.ts';
import { type Content, type MemberLog, makeRecord } from '../../scripts/load/record.ts';

const fresh: Freshness = { kind: 'fresh' };
const ann: Content = { name: 'Ann', level: 0, holdings: { 'account:x': 'a', phone: '+1' } };
const renamed: Content = { ...ann, name: 'Anne' };
const unbound: Content = { ...ann, holdings: { 'account:x': 'a' } };
const bob: Content = { name: 'Bob', level: 0, holdings: { 'account:x': 'b' } };
const boundToBob: Content = { ...bob, holdings: { 'account:x': 'b', phone: '+1' } };

/** A record whose time is told; Ann is registered at 10 to 20 with version 1, Bob at 10 to 20 with version 1. */
function makeStory() {
  let nowMs = 10;
  const record = makeRecord(() => nowMs);
  const at = (ms: number): void => {
    nowMs = ms;
  };
  const register = (memberId: string, after: Content): MemberLog => {
    at(10);
    const { log, write } = record.beginRegistration(after);
    at(20);
    record.acknowledge(log, write, { memberId, version: 1 });
    return log;
  };
  const logs = { ann: register('ann', ann), bob: register('bob', bob) };
  const write = (
    who: 'ann' | 'bob',
    after: Content | null,
    startMs: number,
    endMs: number | null,
    version = 0,
  ): void => {
    at(startMs);
    const begun = record.begin(logs[who], after);
    if (endMs === null) return;
    at(endMs);
    record.acknowledge(logs[who], begun, { memberId: who, version });
  };
  const answer = (startMs: number, endMs: number, found: Found | null, freshness = fresh): ReadAnswer => ({
    ...{ startMs, endMs, found, freshness },
  });
  const faultOf = (verdict: ReturnType<typeof judgeMember>) =>
    verdict.kind === 'wrong' ? verdict.fault : 'right';
  return {
    record,
    at,
    write,
    get: (who: 'ann' | 'bob', ...given: Parameters<typeof answer>) =>
      faultOf(judgeMember(logs[who], answer(...given))),
    byPhone: (...given: Parameters<typeof answer>) =>
      faultOf(judgeLookup(record, 'phone', '+1', answer(...given))),
  };
}

const shown = (memberId: string, version: number, content: Content): Found => ({
  memberId,
  version,
  ...content,
});

describe('a fresh read by id', () => {
  test('shows what was acknowledged before it began', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, 40, 2);
    expect(get('ann', 50, 60, shown('ann', 2, renamed))).toBe('right');
    expect(get('ann', 50, 60, shown('ann', 1, ann))).toBe('stale');
  });

  test('may show either value of a write beside it, and none of one after it', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, 40, 2);
    for (const [startMs, endMs] of [
      [25, 35],
      [35, 38],
      [35, 60],
      [40, 41],
    ] as const) {
      expect(get('ann', startMs, endMs, shown('ann', 1, ann))).toBe('right');
      expect(get('ann', startMs, endMs, shown('ann', 2, renamed))).toBe('right');
    }
    expect(get('ann', 22, 29, shown('ann', 2, renamed))).toBe('content');
  });

  test('may show a write whose answer never came, for ever', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, null);
    expect(get('ann', 50, 60, shown('ann', 9, renamed))).toBe('right');
    expect(get('ann', 50, 60, shown('ann', 1, ann))).toBe('right');
    expect(get('ann', 50, 60, shown('ann', 9, bob))).toBe('content');
  });

  test('shows nothing that the member never was', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, 40, 2);
    expect(get('ann', 50, 60, shown('ann', 2, ann))).toBe('content');
    expect(get('ann', 50, 60, shown('ann', 3, renamed))).toBe('content');
    expect(get('ann', 50, 60, shown('bob', 1, bob))).toBe('stranger');
  });

  test('finds who is there, and nobody who is gone', () => {
    const { get, write } = makeStory();
    expect(get('ann', 50, 60, null)).toBe('missing');
    write('ann', null, 70, 80, 2);
    expect(get('ann', 75, 90, null)).toBe('right');
    expect(get('ann', 75, 90, shown('ann', 1, ann))).toBe('right');
    expect(get('ann', 90, 95, null)).toBe('right');
    expect(get('ann', 90, 95, shown('ann', 1, ann))).toBe('cancelled');
    expect(get('ann', 90, 95, shown('ann', 2, ann))).toBe('cancelled');
  });
});

describe('an answer that is not fresh', () => {
  test('that is bounded may be as old as it says', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, 40, 2);
    const bounded = (ageMs: number): Freshness => ({ kind: 'bounded', ageMs });
    expect(get('ann', 50, 60, shown('ann', 1, ann), bounded(10))).toBe('right');
    expect(get('ann', 50, 60, shown('ann', 1, ann), bounded(9))).toBe('stale');
    expect(get('ann', 50, 60, null, bounded(9))).toBe('missing');
  });

  test('that is stale may be any that the member was, and nothing else', () => {
    const { get, write } = makeStory();
    write('ann', renamed, 30, 40, 2);
    expect(get('ann', 50, 60, shown('ann', 1, ann), { kind: 'stale' })).toBe('right');
    expect(get('ann', 50, 60, null, { kind: 'stale' })).toBe('right');
    expect(get('ann', 50, 60, shown('ann', 1, renamed), { kind: 'stale' })).toBe('content');
    expect(get('ann', 50, 60, shown('bob', 1, bob), { kind: 'stale' })).toBe('stranger');
  });
});

describe('a lookup', () => {
  test('finds who holds the identifier, whole and current', () => {
    const { byPhone, write } = makeStory();
    expect(byPhone(50, 60, shown('ann', 1, ann))).toBe('right');
    expect(byPhone(50, 60, null)).toBe('missing');
    write('ann', renamed, 70, 80, 2);
    expect(byPhone(90, 95, shown('ann', 1, ann))).toBe('stale');
  });

  test('never shows who does not hold it', () => {
    const { byPhone } = makeStory();
    expect(byPhone(50, 60, shown('bob', 1, bob))).toBe('not-held');
    expect(byPhone(50, 60, shown('bob', 1, bob), { kind: 'stale' })).toBe('not-held');
    expect(byPhone(50, 60, shown('bob', 1, boundToBob), { kind: 'stale' })).toBe('stranger');
    expect(byPhone(50, 60, shown('eve', 1, ann))).toBe('stranger');
  });

  test('follows an identifier from one member to another', () => {
    const { byPhone, write } = makeStory();
    write('ann', unbound, 30, 40, 2);
    expect(byPhone(35, 50, shown('ann', 1, ann))).toBe('right');
    expect(byPhone(35, 50, null)).toBe('right');
    expect(byPhone(45, 50, null)).toBe('right');
    expect(byPhone(45, 50, shown('ann', 1, ann))).toBe('stale');
    write('bob', boundToBob, 60, 70, 3);
    expect(byPhone(65, 80, null)).toBe('right');
    expect(byPhone(65, 80, shown('bob', 3, boundToBob))).toBe('right');
    expect(byPhone(75, 80, shown('bob', 3, boundToBob))).toBe('right');
    expect(byPhone(75, 80, null)).toBe('missing');
    expect(byPhone(75, 80, shown('ann', 1, ann))).toBe('stale');
  });

  test('may show a registration whose own answer is still under way', () => {
    const { byPhone, record, write, at } = makeStory();
    write('ann', null, 30, 40, 2);
    at(50);
    const next: Content = { ...ann, name: 'Next' };
    record.beginRegistration(next);
    expect(byPhone(55, 60, shown('new', 5, next))).toBe('right');
    expect(byPhone(55, 60, null)).toBe('right');
    expect(byPhone(55, 60, shown('new', 5, ann))).toBe('stranger');
    expect(byPhone(55, 60, shown('ann', 1, ann))).toBe('cancelled');
  });
});

test('a write that was refused never was', () => {
  const { record, get } = makeStory();
  const log = record.byId('ann') as MemberLog;
  const refused = record.begin(log, renamed);
  record.refuse(log, refused);
  expect(get('ann', 50, 60, shown('ann', 2, renamed))).toBe('content');
});

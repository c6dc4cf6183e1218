import { describe, expect, test } from 'vitest';
import {
  eitherOf,
  type Freshness,
  lessSure,
  type ReadAnswer,
} from '../../../functions/core/cache/answers.ts';
import type { Member } from '../../../functions/core/member/member.ts';

const nobody = (how: Freshness): ReadAnswer => ({
  kind: 'nobody',
  version: 0,
  source: JSON.stringify(how),
  ...how,
});

test('of two answers the one that promises less is given', () => {
  const fromSureToUnsure = [
    nobody({ freshness: 'fresh' }),
    nobody({ freshness: 'bounded', ageMs: 10 }),
    nobody({ freshness: 'bounded', ageMs: 20 }),
    nobody({ freshness: 'stale' }),
  ];
  for (const [index, sure] of fromSureToUnsure.entries()) {
    for (const unsure of fromSureToUnsure.slice(index)) {
      expect(lessSure(sure, unsure)).toEqual(unsure);
      expect(lessSure(unsure, sure)).toEqual(unsure);
    }
  }
});

describe('of the answers by an older and by a current key', () => {
  const nobody: ReadAnswer = { kind: 'nobody', version: 0, source: 'cache', freshness: 'fresh' };
  const at = (version: number): ReadAnswer => ({
    kind: 'member',
    member: { version } as Member,
    source: 'cache',
    freshness: 'fresh',
  });

  test('the newer state is right, under whichever key', () => {
    expect(eitherOf(at(42), at(45))).toEqual(at(45));
    expect(eitherOf(at(45), at(42))).toEqual(at(45));
    expect(eitherOf(nobody, at(42))).toEqual(at(42));
    expect(eitherOf(nobody, nobody)).toEqual(nobody);
  });

  test('who was let go under the older key since is answered, but promised nothing of', () => {
    expect(eitherOf({ ...nobody, version: 43 }, at(42))).toEqual({ ...at(42), freshness: 'stale' });
    expect(eitherOf({ ...nobody, version: 42 }, at(42))).toEqual(at(42));
  });

  test('who is found by the older key alone is answered, but promised nothing of', () => {
    expect(eitherOf(at(42), nobody)).toEqual({ ...at(42), freshness: 'stale' });
    expect(eitherOf(at(42), null)).toEqual({ ...at(42), freshness: 'stale' });
  });
});

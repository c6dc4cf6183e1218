import { expect, test } from 'vitest';
import { type Freshness, lessSure, type ReadAnswer } from '../../../functions/core/cache/answers.ts';

const nobody = (how: Freshness): ReadAnswer => ({ kind: 'nobody', source: JSON.stringify(how), ...how });

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

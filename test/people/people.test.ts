import { expect, test } from 'vitest';
import { canonical } from '../../functions/core/member/identifiers.ts';
import { makeBodies } from '../../functions/runtime/api/schemas.ts';
import { peopleMax } from '../../scripts/people/numbers.ts';
import { makePeople } from '../../scripts/people/people.ts';

const platforms = ['tongcheng-app', 'elong-app', 'tongcheng-mini-program', 'elong-mini-program'];
const some = (seed: number, count: number, from = 0) => {
  const personAt = makePeople(seed, platforms);
  return Array.from({ length: count }, (_, index) => personAt(from + index));
};

test('a seed gives the same people again, wherever a run begins', () => {
  expect(some(1, 600)).toEqual(some(1, 600));
  expect(some(1, 100, 500)).toEqual(some(1, 600).slice(500));
}, 60_000);

test('nobody shares an identifier with anybody, of the same seed or another, to the last one', () => {
  const people = [
    ...some(1, 1_500),
    ...some(1, 500, peopleMax - 500),
    ...some(0, 500, peopleMax - 500),
    ...some(2, 500),
  ];
  const all = people.flatMap(({ identifiers }) => identifiers.map(canonical));
  expect(new Set(all).size).toBe(all.length);
});

test('people are as the API takes them, Chinese and English, with one to four accounts', () => {
  const bodies = makeBodies(platforms);
  const people = some(3, 1_000);
  const accountCounts = new Set<number>();
  for (const { name, identifiers } of people) {
    const accounts = identifiers.flatMap((one) =>
      one.kind === 'account' ? [{ platform: one.platform, accountId: one.value }] : [],
    );
    const singles = Object.fromEntries(
      identifiers.flatMap((one) => (one.kind === 'account' ? [] : [[one.kind, one.value]])),
    );
    expect(bodies.register({ name, accounts, ...singles })).toMatchObject({ value: { name } });
    accountCounts.add(accounts.length);
  }
  expect(accountCounts).toEqual(new Set([1, 2, 3, 4]));
  const share = (is: (person: (typeof people)[number]) => boolean) =>
    people.filter(is).length / people.length;
  expect(share(({ name }) => /^\p{Script=Han}{2,4}$/u.test(name))).toBeCloseTo(0.88, 1);
  expect(share(({ name }) => /^[A-Z].* [A-Z]/.test(name))).toBeCloseTo(0.12, 1);
  const phones = people.flatMap(({ identifiers }) => identifiers.filter(({ kind }) => kind === 'phone'));
  for (const { value } of phones) expect(value).toMatch(/^\+(861[3-9]\d{9}|447\d{9}|1[2-9]\d{9})$/);
});

test.each([
  [-1, 0],
  [70, 0],
  [1, peopleMax],
  [1, -1],
])('there is no seed %i with a person %i', (seed, index) => {
  expect(() => makePeople(seed, platforms)(index)).toThrow(RangeError);
});

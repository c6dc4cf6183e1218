/** Lookups of many at once: as many round trips as a few, each answered as it would be alone. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { cacheKeyOfIdentifier } from '../../functions/core/propagation/event.ts';
import { drain } from './at-rest.ts';
import { type Centres, makeCentres, type Process, sharding } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
let phones: readonly Identifier[] = [];
const memberOf = new Map<Identifier, string>();

beforeAll(async () => {
  centres = await makeCentres();
  await centres.reset();
  const at = centres.process('A');
  phones = spread(Array.from({ length: 100 }, ask.freshPhone));
  for (let from = 0; from < phones.length; from += 10) {
    await Promise.all(
      phones.slice(from, from + 10).map(async (phone) => {
        memberOf.set(phone, ask.done(await ask.register(at, [phone])).member.memberId);
      }),
    );
  }
  await drain(centres);
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

/** The first few live in every Redis and every database cluster already. */
function spread(all: readonly Identifier[]): readonly Identifier[] {
  const placeOf = (phone: Identifier): string => {
    const key = ask.keyOf(phone);
    return `${pick(Object.keys(centres.caches.B), cacheKeyOfIdentifier(key))} ${sharding.clusterOf(key)}`;
  };
  const first = new Map(all.map((phone) => [placeOf(phone), phone]));
  return [...new Set([...first.values(), ...all])];
}

const lookUp = (at: Process, identifiers: readonly Identifier[]) =>
  at.reader.lookUpMany(identifiers, ask.readBy(at));

/** The round trips of a lookup of so many, by name, each with how often it was made. */
async function roundTrips(count: number, parts: { readonly away: RegExp | null }) {
  await centres.reset();
  const steps = makeSteps();
  if (parts.away) steps.fail(parts.away, 'before');
  const at = centres.process('B', { steps });
  const asked = phones.slice(0, count);
  const outcomes = await lookUp(at, asked);
  for (const [index, phone] of asked.entries())
    expect(outcomes[index]).toMatchObject({ kind: 'member', member: { memberId: memberOf.get(phone) } });
  const counts: Record<string, number> = {};
  for (const name of steps.made) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe.each([
  [
    'cold',
    null,
    ['redis-b-0.readMany', 'redis-b-0.lease', 'search:backup.identifiers', 'search:backup.members'],
  ],
  ['with search away', /^search/, ['mysql-b-0 c0: read directory', 'mysql-b-0 c1: read member']],
  ['with search and replicas away', /^(search|mysql-b)/, ['writer c0: read epoch', 'writer c1: read epoch']],
  ['with the caches away', /^redis/, ['writer c0: read epoch', 'writer c1: read epoch']],
] as const)('%s', (_, away, expected) => {
  test('a hundred cost the round trips of a few, and of one no more', async () => {
    const one = await roundTrips(1, { away });
    const ten = await roundTrips(10, { away });
    const hundred = await roundTrips(100, { away });
    expect(hundred).toEqual(ten);
    expect(Object.keys(hundred)).toEqual(expect.arrayContaining([...expected]));
    // At the writer, identifiers and members: one round trip each.
    for (const [name, count] of Object.entries(hundred)) expect(count, name).toBeLessThanOrEqual(2);
    for (const [name, count] of Object.entries(one))
      expect(count, name).toBeLessThanOrEqual(hundred[name] ?? 0);
  });
});

test('the Redis clusters themselves count them: one MGET, a lease script and a fill script each; then MGET alone', async () => {
  const names = Object.keys(centres.caches.B);
  const callsOf = async (name: string) => {
    const stats = await centres.redis(name).info('commandstats');
    const of = (command: string) =>
      Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
    return { mget: of('mget'), scripts: of('evalsha') };
  };
  const at = centres.process('B');
  await lookUp(at, phones.slice(0, 4));
  for (const count of [10, 100]) {
    await centres.reset();
    await at.reader.lookUp(ask.freshPhone(), ask.readBy(at));
    const before = await Promise.all(names.map(callsOf));
    await lookUp(at, phones.slice(0, count));
    const cold = await Promise.all(names.map(callsOf));
    await lookUp(at, phones.slice(0, count));
    const warm = await Promise.all(names.map(callsOf));
    for (const index of names.keys()) {
      const [first, second, third] = [before[index], cold[index], warm[index]];
      if (!first || !second || !third) throw new Error('no counts');
      expect([second.mget - first.mget, second.scripts - first.scripts], `${count} cold`).toEqual([1, 2]);
      expect([third.mget - second.mget, third.scripts - second.scripts], `${count} warm`).toEqual([1, 0]);
    }
  }
});

test('each has its own outcome: somebody, nobody, twice the same, and whom nothing can tell of', async () => {
  const at = centres.process('B');
  const [here] = phones as [Identifier];
  const nobodys = ask.freshPhone();
  const answers = await lookUp(at, [here, nobodys, here]);
  expect(answers).toMatchObject([
    { kind: 'member', member: { memberId: memberOf.get(here) }, freshness: 'fresh' },
    { kind: 'nobody', freshness: 'fresh' },
    { kind: 'member', member: { memberId: memberOf.get(here) }, freshness: 'fresh' },
  ]);
  expect(await lookUp(at, [here, nobodys])).toMatchObject([{ source: 'cache' }, { source: 'cache' }]);

  await centres.reset();
  const steps = makeSteps();
  steps.fail(/^(search|mysql-b|writer c0$|writer c0:)/, 'before');
  const asked = phones.slice(0, 40);
  const outcomes = await lookUp(centres.process('B', { steps }), asked);
  const lost = asked.map((phone) =>
    [ask.keyOf(phone), memberOf.get(phone) ?? ''].some((text) => sharding.clusterOf(text) === 'c0'),
  );
  expect(new Set(lost)).toEqual(new Set([true, false]));
  expect(outcomes.map((one) => one instanceof DependencyUnavailable)).toEqual(lost);
});

test('a lookup alone and a batch fill for each other, and wait for each other', async () => {
  const [first, second] = phones as [Identifier, Identifier];
  const filler = makeSteps();
  const load = filler.pause(/^search:backup\.members$/, 'before');
  const alone = centres.process('B', { steps: filler });
  const reading = alone.reader.lookUp(first, ask.readBy(alone));
  await load.reached;
  const steps = makeSteps();
  const batch = lookUp(centres.process('B', { steps }), [first, second]);
  const outcomes = await batch;
  expect(outcomes, 'the other never filled: read without a lease').toMatchObject([
    { kind: 'member', source: 'search:backup' },
    { kind: 'member', source: 'search:backup' },
  ]);
  load.resume();
  expect(await reading).toMatchObject({ kind: 'member', freshness: 'fresh' });
  const at = centres.process('B');
  expect(await lookUp(at, [first, second])).toMatchObject([{ source: 'cache' }, { source: 'cache' }]);
});

test('a change is seen by the next batch, fresh, in the other centre too', async () => {
  const [phone, other] = phones.slice(50) as [Identifier, Identifier];
  const [a, b] = [centres.process('A'), centres.process('B')];
  await lookUp(b, [phone, other]);
  const renamed = ask.done(await ask.rename(a, memberOf.get(phone) as string, 'Grace')).member;
  for (const at of [a, b, b]) {
    expect(await lookUp(at, [phone, other])).toMatchObject([
      { member: { name: 'Grace', version: renamed.version }, freshness: 'fresh' },
      { member: { name: 'Ada' }, freshness: 'fresh' },
    ]);
  }
  await drain(centres);
});

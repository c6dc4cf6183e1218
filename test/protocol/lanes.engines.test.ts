/** The marketing lane's reads with parts away: its own search cluster, then its share of backup, then refusal. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ShareUsedUp } from '../../functions/core/cache/answers.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { laneLimits } from '../../functions/runtime/lanes.ts';
import { checkAtRest, drain } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps, type Steps } from './steps.ts';

let centres: Centres;
const phones: Identifier[] = [];
const memberIds: string[] = [];
const share = laneLimits.marketing.furtherSearch?.burst ?? 0;

beforeAll(async () => {
  centres = await makeCentres();
  await centres.reset();
  const at = centres.process('A');
  for (let count = 0; count < share + 6; count++) {
    const phone = ask.freshPhone();
    phones.push(phone);
    memberIds.push(ask.done(await ask.register(at, [phone])).member.memberId);
  }
  await drain(centres);
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const marketing = (centre: 'A' | 'B' = 'A') => {
  const steps = makeSteps();
  return { steps, at: centres.process(centre, { steps, lane: 'marketing' }) };
};
const lookUp = (at: Process, phone = phones[0] as Identifier) => at.reader.lookUp(phone, ask.readBy(at));
const outcomeOf = (at: Process, phone: Identifier | undefined) =>
  lookUp(at, phone).then(
    ({ source }) => source,
    (error: unknown) =>
      error instanceof DependencyUnavailable && error.cause instanceof ShareUsedUp ? 'refused' : error,
  );

/** Every round trip that it made went to a Redis, or to the search clusters that it may ask. */
function expectWithinItsParts(steps: Steps): void {
  expect(steps.made.length).toBeGreaterThan(0);
  const others = steps.made.filter((name) => !/^(redis-|search:(marketing|backup)\.|topology\.)/.test(name));
  expect(others).toEqual([]);
}

test.each(['A', 'B'] as const)(
  'in %s it reads its own search cluster, fresh, then the cache',
  async (centre) => {
    const { steps, at } = marketing(centre);
    expect(await lookUp(at)).toMatchObject({ source: 'search:marketing', freshness: 'fresh' });
    expect(await lookUp(at)).toMatchObject({ source: 'cache', freshness: 'fresh' });
    const byId = await at.reader.member(memberIds[1] as string, ask.readBy(at));
    expect(byId).toMatchObject({ source: 'search:marketing', freshness: 'fresh' });
    expect(steps.count(/^search:backup/)).toBe(0);
    expectWithinItsParts(steps);
  },
);

test('without its own it reads backup, up to its share; then it is refused', async () => {
  const { steps, at } = marketing();
  steps.fail(/^search:marketing/, 'before');
  const outcomes: unknown[] = [];
  for (const phone of phones) outcomes.push(await outcomeOf(at, phone));
  expect(outcomes.slice(0, share)).toEqual(Array(share).fill('search:backup'));
  expect(outcomes.slice(share)).toEqual(Array(phones.length - share).fill('refused'));
  expect(steps.count(/^search:backup\.identifiers/)).toBe(share);
  expect(await outcomeOf(at, phones[0]), 'what is cached is none of the share').toBe('cache');
  expectWithinItsParts(steps);
});

test('a batch takes of the share as many as there are, and the rest is refused each for itself', async () => {
  const { steps, at } = marketing();
  steps.fail(/^search:marketing/, 'before');
  const outcomes = await at.reader.lookUpMany(phones, ask.readBy(at));
  const refused = outcomes.filter((one) => one instanceof DependencyUnavailable);
  expect(outcomes.filter((one) => !(one instanceof Error) && one.source === 'search:backup')).toHaveLength(
    share,
  );
  expect(refused.map(({ cause }) => cause)).toEqual(
    Array.from({ length: phones.length - share }, () => expect.any(ShareUsedUp)),
  );
  expectWithinItsParts(steps);
});

test('with all it may read away it is refused, while the critical lane is served', async () => {
  const { steps, at } = marketing('B');
  steps.fail(/^search:/, 'before');
  await expect(lookUp(at)).rejects.toMatchObject({ code: 'dependency-unavailable' });
  expectWithinItsParts(steps);
  const other = makeSteps();
  other.fail(/^search:/, 'before');
  const critical = centres.process('B', { steps: other });
  expect(await lookUp(critical)).toMatchObject({ kind: 'member', freshness: 'fresh' });
});

test('with a lapsed grant it says how old the answer may be, and does not ask the writer', async () => {
  const { steps, at } = marketing();
  await lookUp(at);
  for (const name of Object.keys(centres.caches.A)) await centres.grantCache(name, 0);
  expect(await lookUp(at)).toMatchObject({
    source: 'cache',
    freshness: expect.stringMatching(/bounded|stale/),
  });
  expect(await lookUp(at, phones[2] as Identifier)).toMatchObject({
    kind: 'member',
    source: 'search:marketing',
    freshness: 'bounded',
  });
  expectWithinItsParts(steps);
});

test('with its Redis away it answers from search, and promises nothing', async () => {
  const { steps, at } = marketing();
  steps.fail(/^redis-/, 'before');
  expect(await lookUp(at)).toMatchObject({ kind: 'member', source: 'search:marketing', freshness: 'stale' });
  expectWithinItsParts(steps);
});

test('an answer older than what was acknowledged is never given, not even labelled', async () => {
  const a = centres.process('A');
  const memberId = memberIds[0] as string;
  const renamed = ask.done(await ask.rename(a, memberId, 'Grace')).member;
  const { steps, at } = marketing();
  await expect(at.reader.member(memberId, ask.readBy(at))).rejects.toMatchObject({ part: 'sources' });
  await expect(lookUp(at)).rejects.toMatchObject({ part: 'sources' });
  expect(steps.count(/^search:marketing/), 'it was asked').toBeGreaterThan(0);
  expectWithinItsParts(steps);

  await drain(centres);
  expect(await at.reader.member(memberId, ask.readBy(at))).toMatchObject({
    member: { name: 'Grace', version: renamed.version },
    freshness: 'fresh',
  });
  await checkAtRest(centres, [memberId], [phones[0] as Identifier]);
});

/**
 * The batch form of registering, on the engines: a process that dies at any of its steps, and runs again; identifiers
 * that live callers want at the same time.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { ImportEntry, ImportOutcome } from '../../functions/core/member/importer.ts';
import { checkAtRest, inParallel } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import {
  done,
  freshAccount,
  freshCardNo,
  freshPhone,
  freshRequest,
  freshUnionId,
  keyOf,
  register,
} from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const entryOf = (...identifiers: readonly Identifier[]): ImportEntry => ({
  input: { name: '王小明', identifiers },
  request: freshRequest(),
});
const identifiersOf = (entries: readonly ImportEntry[]) => entries.flatMap(({ input }) => input.identifiers);
const kinds = (outcomes: readonly ImportOutcome[]) => outcomes.map(({ kind }) => kind);

/** Four members; the last one wants what the first one has. */
function freshBatch(): readonly ImportEntry[] {
  const phone = freshPhone();
  return [
    entryOf(phone, freshAccount()),
    entryOf(freshUnionId(), freshCardNo(), freshAccount(), freshAccount('elong-app')),
    entryOf(freshAccount()),
    entryOf(phone, freshAccount()),
  ];
}
const outcomeOfBatch = ['done', 'done', 'done', 'identifier-bound'];

test('a batch is found by every identifier in both centres, and nothing is left of it but that', async () => {
  const entries = freshBatch();
  // "Nobody" is cached for what is to come.
  for (const centre of ['A', 'B'] as const) {
    const at = centres.process(centre);
    for (const identifier of identifiersOf(entries)) {
      const deadline = { atMonotonicMs: at.clock.monotonicMs() + 1_000 };
      expect(await at.reader.lookUp(identifier, deadline)).toMatchObject({ kind: 'nobody' });
    }
  }
  const outcomes = await centres.process('A').importer(entries);
  expect(kinds(outcomes)).toEqual(outcomeOfBatch);
  const memberIds = outcomes.flatMap((one) => (one.kind === 'done' ? [one.receipt.memberId] : []));
  for (const outcome of outcomes.slice(0, 3)) {
    expect(outcome).toMatchObject({ receipt: { durability: 'both-centres' } });
  }
  const { members, ownerOf } = await checkAtRest(centres, memberIds, identifiersOf(entries));
  expect(members).toHaveLength(3);
  for (const [index, { input }] of entries.slice(0, 3).entries()) {
    for (const identifier of input.identifiers) {
      expect(ownerOf(identifier)?.memberId).toBe(memberIds[index]);
    }
  }
});

test('killed at every step, and begun again: every member once, everywhere', async () => {
  const counting = makeSteps();
  await centres.process('A', { steps: counting }).importer(freshBatch());
  expect(counting.made.length).toBeGreaterThan(15);
  const places = counting.made.flatMap((_, at) =>
    (['before', 'after'] as const).map((side) => ({ number: at + 1, side })),
  );
  const memberIds: string[] = [];
  const identifiers: Identifier[] = [];
  const versions = new Map<string, number>();
  await inParallel(places, async ({ number, side }) => {
    const entries = freshBatch();
    const steps = makeSteps();
    steps.crashAt(number, side);
    const first = centres.process('A', { steps }).importer(entries);
    await Promise.race([steps.crashed, first]);
    await centres.expireClaims(identifiersOf(entries).map(keyOf));
    const again = await centres.process('A').importer(entries);
    const onceMore = await centres.process('B').importer(entries);
    const said = `after a crash ${side} ${number}, ${steps.made[number - 1]}`;
    expect(kinds(again), said).toEqual(outcomeOfBatch);
    for (const [index, outcome] of again.entries()) {
      if (outcome.kind !== 'done') continue;
      expect(onceMore[index], said).toMatchObject({ kind: 'done', receipt: outcome.receipt });
      versions.set(outcome.receipt.memberId, outcome.receipt.version);
      memberIds.push(outcome.receipt.memberId);
    }
    identifiers.push(...identifiersOf(entries));
  });
  const { members } = await checkAtRest(centres, memberIds, identifiers);
  expect(members).toHaveLength(3 * places.length);
  for (const { memberId, version } of members) expect(version).toBe(versions.get(memberId));
});

test('of a batch and of live callers who want the same identifiers, one gets each', async () => {
  const entries = Array.from({ length: 12 }, () => entryOf(freshPhone(), freshAccount()));
  const batch = centres.process('A').importer(entries);
  const live = entries.map(({ input }, index) => {
    const wanted = input.identifiers[index % 2] as Identifier;
    return register(centres.process(index % 3 ? 'A' : 'B'), [wanted]);
  });
  const [outcomes, answers] = await Promise.all([batch, Promise.all(live)]);
  const memberIds: string[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const answer = answers[index];
    expect([outcome.kind, answer?.kind].sort()).toEqual(['done', 'identifier-bound']);
    if (outcome.kind === 'done') memberIds.push(outcome.receipt.memberId);
    else if (answer) memberIds.push(done(answer).receipt.memberId);
  }
  await checkAtRest(centres, memberIds, identifiersOf(entries));
});

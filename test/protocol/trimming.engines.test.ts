/** I1, I8: what is trimmed is missed by nobody: neither by a claim of long ago, nor by a request that comes again. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../../functions/core/kernel/clock.ts';
import type { WriteRequest } from '../../functions/core/member/outcomes.ts';
import type { RelayNotice } from '../../functions/core/propagation/relay.ts';
import { checkAtRest } from './at-rest.ts';
import { type Centres, makeCentres, sharding, standingClock } from './centres.ts';
import * as ask from './requests.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const hourMs = 3_600_000;
/** More rounds than a walk through a database cluster's slots takes. */
const roundsMax = 36;

/** A clock that shows a time of some days ago, until it is set right. */
function clockBehind(days: number): Clock & { setRight(): void } {
  const clock = standingClock();
  let behindMs = days * 24 * hourMs;
  return {
    ...clock,
    nowMs: () => Date.now() - behindMs,
    setRight() {
      behindMs = 0;
    },
  };
}

/** One whole walk of the relay's trimming, and none of its other duties. */
async function trimAll(): Promise<void> {
  const at = centres.process('A');
  const trims = at.relay.duties.filter(({ name }) => name.startsWith('trim '));
  expect(trims.map(({ name }) => name)).toEqual(['trim c0', 'trim c1']);
  for (let round = 0; round < roundsMax; round++)
    await Promise.all(trims.map((duty) => duty.round(ask.relayBy(at))));
}

const decidedTokens = async (memberId: string): Promise<number> => {
  const [row] = await centres.admin.sql(
    `SELECT COUNT(*) AS found FROM ${centres.schemaOf(memberId)}.token WHERE day <> ?`,
    Number(new Date().toISOString().slice(0, 10).replaceAll('-', '')),
  );
  return Number(row?.found);
};

const changesOf = async (memberId: string): Promise<number> => {
  const table = `${centres.schemaOf(memberId)}.history`;
  const [row] = await centres.admin.sql(
    `SELECT COUNT(*) AS found FROM ${table} WHERE member_id = ?`,
    memberId,
  );
  return Number(row?.found);
};

/** Lets the record of a member's requests, and of its registration's key, be so much older. */
async function age(memberId: string, { caller, idempotencyKey }: WriteRequest, hours: number): Promise<void> {
  await centres.admin.sql(
    `UPDATE ${centres.schemaOf(memberId)}.idempotency SET committed_at = committed_at - INTERVAL ? MINUTE
      WHERE member_id = ?`,
    hours * 60,
    memberId,
  );
  await centres.admin.sql(
    `UPDATE ${centres.schemaOf(`${caller}\u0000${idempotencyKey}`)}.registration
      SET begun_at = begun_at - INTERVAL ? MINUTE WHERE caller = ? AND idempotency_key = ?`,
    hours * 60,
    caller,
    idempotencyKey,
  );
}

test('a commit with a token from before the mark is refused, and done with a fresh one', async () => {
  const phone = ask.freshPhone();
  const clock = clockBehind(3);
  const late = await ask.registerUntil(
    /^members\.commit$/,
    (steps) => centres.process('A', { steps, clock }),
    [phone],
  );
  await trimAll();
  clock.setRight();
  const { receipt } = ask.done(await late.resume());
  expect(late.steps.count(/^members\.commit$/)).toBe(2);
  expect(await changesOf(receipt.memberId)).toBe(1);
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('a process whose clock is far behind can claim nothing, and takes nothing from anybody', async () => {
  const phone = ask.freshPhone();
  await trimAll();
  const outcome = await ask.register(centres.process('A', { clock: clockBehind(3) }), [phone]);
  expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'contended' });
  const { receipt } = ask.done(await ask.register(centres.process('B'), [phone]));
  await checkAtRest(centres, [receipt.memberId], [phone]);
});

test('a claim whose token was trimmed is taken over, and its process commits nothing any more', async () => {
  const phone = ask.freshPhone();
  const late = await ask.registerUntil(
    /^members\.commit$/,
    (steps) => centres.process('A', { steps, clock: clockBehind(3) }),
    [phone],
  );
  await trimAll();
  await centres.expireClaims([ask.keyOf(phone)]);
  const { receipt } = ask.done(await ask.register(centres.process('B'), [phone]));

  expect(await late.resume()).toEqual({ kind: 'identifier-bound', fields: ['phone'] });
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('the void that ended a claim may be trimmed: the mark stands in its place', async () => {
  const phone = ask.freshPhone();
  const clock = clockBehind(3);
  const late = await ask.registerUntil(
    /^members\.commit$/,
    (steps) => centres.process('A', { steps, clock }),
    [phone],
  );
  const observer = centres.process('B');
  const row = await observer.writerSource.identifier(ask.keyOf(phone), ask.readBy(observer));
  const claimant = row?.memberId ?? '';
  await centres.expireClaims([ask.keyOf(phone)]);
  const other = ask.done(await ask.register(centres.process('B'), [phone])).receipt.memberId;
  ask.done(await ask.unbind(centres.process('B'), other, 'phone'));
  expect(await decidedTokens(claimant)).toBeGreaterThan(0);
  await trimAll();
  expect(await decidedTokens(claimant)).toBe(0);

  clock.setRight();
  const { receipt } = ask.done(await late.resume());
  expect(await changesOf(receipt.memberId)).toBe(1);
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId, other], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('a claim that has committed is a binding, also when its token was trimmed', async () => {
  const phone = ask.freshPhone();
  const late = await ask.registerUntil(
    /^directory\.settle$/,
    (steps) => centres.process('A', { steps, clock: clockBehind(3) }),
    [phone],
  );
  const observer = centres.process('B');
  const row = await observer.writerSource.identifier(ask.keyOf(phone), ask.readBy(observer));
  expect(row?.state).toBe('claimed');
  await trimAll();
  expect(await decidedTokens(row?.memberId ?? '')).toBe(0);
  await centres.expireClaims([ask.keyOf(phone)]);
  expect((await ask.register(centres.process('B'), [phone])).kind).toBe('identifier-bound');

  const { receipt } = ask.done(await late.resume());
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('a registration that comes again: known for 24 hours, refused for one more, then a new request', async () => {
  const phone = ask.freshPhone();
  const request = ask.freshRequest();
  const again = () => ask.register(centres.process('B'), [phone], request);
  const { receipt } = ask.done(await ask.register(centres.process('A'), [phone], request));
  await age(receipt.memberId, request, 23);
  await trimAll();
  expect(ask.done(await again()).receipt).toEqual(receipt);

  // The repeat was the last request with that key: its age counts from there.
  await age(receipt.memberId, request, 24.5);
  await trimAll();
  expect(await again()).toEqual({ kind: 'key-reused' });

  await age(receipt.memberId, request, 26);
  await trimAll();
  expect(await again()).toEqual({ kind: 'identifier-bound', fields: ['phone'] });
  expect(await changesOf(receipt.memberId)).toBe(1);
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)).toMatchObject({ memberId: receipt.memberId, version: receipt.version });
});

test('a change that comes again: known for 24 hours, then a new request', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const request = ask.freshRequest();
  const again = async () =>
    ask.done(await ask.rename(centres.process('B'), memberId, 'Grace', request)).receipt;
  const receipt = await again();
  await age(memberId, request, 23);
  await trimAll();
  expect(await again()).toEqual(receipt);
  await age(memberId, request, 2);
  await trimAll();
  expect((await again()).version).toBeGreaterThan(receipt.version);
  expect(await changesOf(memberId)).toBe(3);
  await checkAtRest(centres, [memberId], [phone]);
});

test('a journal entry that cannot go is reported, and never deleted for its age (I3)', async () => {
  const phone = ask.freshPhone();
  await centres.holdReplicas();
  try {
    const { receipt } = ask.done(await ask.register(centres.process('A'), [phone]));
    expect(receipt.durability).toBe('both-centres');
    const notices: RelayNotice[] = [];
    const at = centres.process('B', { notices });
    const relayJournals = async () => {
      for (const duty of at.relay.duties.filter(({ name }) => name.startsWith('journal ')))
        await duty.round(ask.relayBy(at));
    };
    await relayJournals();
    expect(notices).toEqual([]);
    const { B: journal } = centres.journalHands;
    await journal.sql('UPDATE journal.entry SET appended_at = appended_at - INTERVAL 40 DAY');
    await relayJournals();
    const databaseCluster = sharding.clusterOf(receipt.memberId);
    expect(notices).toEqual([{ notice: 'journal-overdue', databaseCluster, entries: 1 }]);
    expect(await journal.sql('SELECT member_id FROM journal.entry')).toEqual([
      { member_id: receipt.memberId },
    ]);
  } finally {
    await centres.releaseReplicas();
  }
  await checkAtRest(centres, [], [phone]);
});

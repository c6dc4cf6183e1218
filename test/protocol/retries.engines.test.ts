/** I8: the same request, at once and again, in both centres: done once, and answered with one receipt. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { Receipt } from '../../functions/core/member/member.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { checkAtRest, inParallel } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

type Write = (at: Process, request: WriteRequest) => Promise<WriteOutcome>;

/** One request, sent several times at once to processes of both centres, each as often as it takes. */
async function receiptsOf(write: Write): Promise<readonly Receipt[]> {
  const request = ask.freshRequest();
  const receipts: Receipt[] = [];
  await inParallel(['A', 'B', 'A', 'B', 'A', 'B', 'A', 'B'] as const, async (centre) => {
    const at = centres.process(centre, { clock: wallClock });
    for (let attempt = 0; attempt < 20; attempt++) {
      const outcome = await write(at, request).catch(nullIfUnavailable);
      if (outcome === null || outcome.kind === 'unavailable') continue;
      receipts.push(ask.done(outcome).receipt);
      return;
    }
  });
  return receipts;
}

function nullIfUnavailable(error: unknown): null {
  if (error instanceof DependencyUnavailable) return null;
  throw error;
}

const expectOne = (receipts: readonly Receipt[]): Receipt => {
  expect(receipts.length).toBe(8);
  const [first] = receipts as [Receipt];
  for (const receipt of receipts) expect(receipt).toEqual(first);
  return first;
};

const versionsOf = async (memberId: string): Promise<number[]> => {
  const table = `${centres.schemaOf(memberId)}.history`;
  const rows = await centres.admin.sql(
    `SELECT version FROM ${table} WHERE member_id = ? ORDER BY version`,
    memberId,
  );
  return rows.map(({ version }) => Number(version));
};

test('the same request at once in both centres makes one change, and gives equal receipts', async () => {
  const [phone, account, union] = [ask.freshPhone(), ask.freshAccount(), ask.freshUnionId()];
  const registered = expectOne(
    await receiptsOf((at, request) => ask.register(at, [phone, account], request)),
  );
  const { memberId } = registered;
  const bound = expectOne(await receiptsOf((at, request) => ask.bind(at, memberId, union, request)));
  const renamed = expectOne(await receiptsOf((at, request) => ask.rename(at, memberId, 'Grace', request)));
  const unbound = expectOne(await receiptsOf((at, request) => ask.unbind(at, memberId, 'phone', request)));
  const cancelled = expectOne(await receiptsOf((at, request) => ask.cancel(at, memberId, request)));
  const versions = [registered, bound, renamed, unbound, cancelled].map(({ version }) => version);
  expect(await versionsOf(memberId)).toEqual(versions);
  const { members } = await checkAtRest(centres, [memberId], [phone, account, union]);
  expect(members).toMatchObject([{ status: 'cancelled', version: cancelled.version }]);
});

test('a repeat in the other centre voids its first attempt’s claims at once, and does it in its place', async () => {
  const phone = ask.freshPhone();
  const request = ask.freshRequest();
  const steps = makeSteps();
  const beforeCommit = steps.pause(/^members\.commit$/, 'before');
  const first = ask.register(centres.process('A', { steps }), [phone], request);
  await beforeCommit.reached;
  const { receipt } = ask.done(await ask.register(centres.process('B'), [phone], request));

  beforeCommit.resume();
  expect(ask.done(await first).receipt).toEqual(receipt);
  expect(await versionsOf(receipt.memberId)).toEqual([receipt.version]);
  await checkAtRest(centres, [receipt.memberId], [phone]);
});

test('a repeat finishes what its dead first attempt left before it answers', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const request = ask.freshRequest();
  const steps = makeSteps();
  const committed = steps.pause(/^members\.commit$/, 'after');
  void ask.rename(centres.process('A', { steps }), memberId, 'Grace', request);
  await committed.reached;
  const { receipt } = ask.done(await ask.rename(centres.process('B'), memberId, 'Grace', request));
  expect(receipt.durability).toBe('both-centres');
  const entries = 'SELECT version FROM journal.entry WHERE member_id = ? AND version = ?';
  expect(await centres.journalHands.B.sql(entries, memberId, receipt.version)).toEqual([
    { version: receipt.version },
  ]);
  for (const centre of ['A', 'B'] as const) {
    const at = centres.process(centre);
    const answer = await at.reader.lookUp(phone, ask.readBy(at));
    expect(answer).toMatchObject({ kind: 'member', member: { name: 'Grace' }, freshness: 'fresh' });
  }
  await checkAtRest(centres, [memberId], [phone]);
});

test('the same key for another request is refused, and changes nothing', async () => {
  const [phone, other] = [ask.freshPhone(), ask.freshPhone()];
  const request = ask.freshRequest();
  const { receipt } = ask.done(await ask.register(centres.process('A'), [phone], request));
  const changed = { ...request, requestHash: 'another body' };
  expect(await ask.register(centres.process('B'), [other], changed)).toEqual({ kind: 'key-reused' });
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone, other]);
  expect(ownerOf(other)).toBeUndefined();
});

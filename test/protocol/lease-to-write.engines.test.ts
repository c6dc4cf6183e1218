/** I5: who may write. Leases, the registers they are renewed against, and the journal's own epoch. */
import { randomBytes } from 'node:crypto';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeEpochRegister } from '../../functions/adapters/dynamodb/epoch-register.ts';
import { prepareEpochRegister } from '../../functions/adapters/dynamodb/prepare-register.ts';
import type { EpochRegister } from '../../functions/core/failover/ports.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { standIn } from '../adapters/aws.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { engineAddress } from '../engines.ts';
import { checkAtRest, drain } from './at-rest.ts';
import { type Centres, makeCentres, sharding } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

const soon = () => deadlineAfter(wallClock, 20_000);
const witnessOptions = {
  ...standIn('witness', engineAddress('aws-witness')),
  tableName: `protocol-${randomBytes(6).toString('hex')}`,
  clock: wallClock,
};
let centres: Centres;
const witness: EpochRegister = makeEpochRegister(witnessOptions);
beforeAll(async () => {
  centres = await makeCentres();
  await prepareEpochRegister({ ...witnessOptions, first: { epoch: 1, centre: 'A' }, deadline: soon() });
});
beforeEach(() => centres.reset());
afterAll(async () => {
  await centres?.end();
  const dynamo = new DynamoDBClient(witnessOptions);
  await dynamo.send(new DeleteTableCommand({ TableName: witnessOptions.tableName }));
  dynamo.destroy();
});

const noReceipt = { kind: 'unavailable', reason: 'no-receipt' };
const notTheWriter = { kind: 'unavailable', reason: 'not-the-writer' };
const versionOf = async (memberId: string): Promise<number> => {
  const table = `${centres.schemaOf(memberId)}.member`;
  return Number(
    (await centres.admin.sql(`SELECT version FROM ${table} WHERE member_id = ?`, memberId))[0]?.version,
  );
};

/** Whether the lease of every database cluster stands, by the database's clock. */
async function leasesStand(): Promise<readonly boolean[]> {
  const found = sharding.clusters.map((cluster) =>
    centres.admin.sql(`SELECT valid_until > UTC_TIMESTAMP(6) AS stands FROM control_${cluster}.write_lease`),
  );
  return (await Promise.all(found)).map(([row]) => row?.stands === 1);
}

test('without a lease nothing is claimed, committed or settled, and nothing acknowledged', async () => {
  const [phone, other] = [ask.freshPhone(), ask.freshPhone()];
  const at = centres.process('B');
  const { memberId, version } = ask.done(await ask.register(at, [phone])).receipt;
  await centres.setLease(0);
  expect(await ask.register(at, [other])).toMatchObject(notTheWriter);
  expect(await ask.bind(at, memberId, ask.freshAccount())).toMatchObject(notTheWriter);
  expect(await ask.rename(at, memberId, 'Grace')).toMatchObject(notTheWriter);
  expect(await ask.unbind(at, memberId, 'phone')).toMatchObject(notTheWriter);
  expect(await ask.cancel(at, memberId)).toMatchObject(notTheWriter);
  expect(await versionOf(memberId)).toBe(version);
  await centres.setLease(3_600_000);
  const { ownerOf } = await checkAtRest(centres, [memberId], [phone, other]);
  expect([ownerOf(phone)?.version, ownerOf(other)]).toEqual([version, undefined]);
});

test('a lease that ends before any step up to the last of the directory gives no receipt', async () => {
  const counting = makeSteps();
  const counted = ask.done(await ask.register(centres.process('A'), [ask.freshPhone()])).receipt;
  ask.done(await ask.bind(centres.process('A', { steps: counting }), counted.memberId, ask.freshAccount()));
  const settling = counting.made.findIndex((name) => /: update directory/.test(name)) + 1;
  expect(settling).toBeGreaterThan(3);
  for (let number = 1; number <= settling; number++) {
    const [phone, account, request] = [ask.freshPhone(), ask.freshAccount(), ask.freshRequest()];
    const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
    const steps = makeSteps();
    const pause = steps.pause(number, 'before');
    const binding = ask.bind(centres.process('A', { steps }), memberId, account, request);
    await pause.reached;
    await centres.setLease(0);
    pause.resume();
    const said = `ended before ${number}, ${counting.made[number - 1]}`;
    const outcome = await binding;
    expect(outcome.kind, said).toBe('unavailable');
    await centres.setLease(3_600_000);
    const { receipt } = ask.done(await ask.bind(centres.process('B'), memberId, account, request));
    expect(await versionOf(memberId), said).toBe(receipt.version);
  }
  await drain(centres);
});

test('a commit that the lease did not outlast gives no receipt, and its repeat one when there is a lease again', async () => {
  const phone = ask.freshPhone();
  const request = ask.freshRequest();
  const { memberId, version } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const table = `${centres.schemaOf(memberId)}.idempotency`;
  // The record of the same request, not committed: the commit waits there, after it has looked at the lease.
  await centres.admin.sql('START TRANSACTION');
  await centres.admin.sql(
    `INSERT INTO ${table} VALUES (?, ?, ?, 'hash', 1, 1, UTC_TIMESTAMP(6))`,
    ...[request.caller, request.idempotencyKey, memberId],
  );
  const renaming = ask.rename(centres.process('A'), memberId, 'Grace', request);
  await centres.admin.untilRunning(`INSERT INTO ${table}`);
  await centres.setLease(0);
  await centres.admin.sql(`DELETE FROM ${table} WHERE idempotency_key = ?`, request.idempotencyKey);
  await centres.admin.sql('COMMIT');
  expect(await renaming).toMatchObject(noReceipt);
  expect(await versionOf(memberId), 'it has committed all the same').toBeGreaterThan(version);

  await centres.setLease(3_600_000);
  const { receipt } = ask.done(await ask.rename(centres.process('B'), memberId, 'Grace', request));
  expect(receipt.version).toBe(await versionOf(memberId));
  await checkAtRest(centres, [memberId], [phone]);
});

describe('the lease is renewed', () => {
  const tickWithout = async (away: RegExp): Promise<void> => {
    const steps = makeSteps();
    steps.fail(away, 'before');
    const at = centres.process('A', { steps, registers: [witness] });
    await at.relay.tick(ask.relayBy(at));
  };

  test('against the witness while the other centre’s register is away', async () => {
    await centres.setLease(0);
    await tickWithout(/^journal-B/);
    expect(await leasesStand()).toEqual([true, true]);
  });

  test('against the other centre’s register while the witness is away', async () => {
    await centres.setLease(0);
    await tickWithout(/^witness/);
    expect(await leasesStand()).toEqual([true, true]);
  });

  test('not while both are away', async () => {
    await centres.setLease(0);
    await tickWithout(/^(witness|journal-B)/);
    expect(await leasesStand()).toEqual([false, false]);
  });

  test.each([
    ['a newer epoch', 2, 'B'],
    ['the same epoch of the other centre', 1, 'B'],
  ])('by no register that holds %s', async (_, epoch, centre) => {
    await centres.setLease(0);
    await centres.journalHands.B.sql('UPDATE journal.register SET epoch = ?, centre = ?', epoch, centre);
    await tickWithout(/^witness/);
    expect(await leasesStand()).toEqual([false, false]);
    expect(await ask.register(centres.process('A'), [ask.freshPhone()])).toMatchObject(notTheWriter);
  });
});

test.each([
  ['a newer epoch', 2, 'B'],
  ['the same epoch of the other centre', 1, 'B'],
])('a journal that holds %s refuses the change, and there is no receipt', async (_, epoch, centre) => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  await drain(centres);
  await centres.journalHands.B.sql('UPDATE journal.register SET epoch = ?, centre = ?', epoch, centre);
  for (const at of [centres.process('A'), centres.process('B')]) {
    const request = ask.freshRequest();
    expect(await ask.rename(at, memberId, 'Grace', request)).toMatchObject(noReceipt);
    expect(await ask.rename(at, memberId, 'Grace', request), 'nor for a repeat').toMatchObject(noReceipt);
  }
  expect(await centres.journalHands.B.sql('SELECT version FROM journal.entry')).toEqual([]);
});

test('the witness refuses an older epoch for good once it was raised', async () => {
  await witness.raise({ epoch: 2, centre: 'B' }, soon());
  await centres.setLease(0);
  const steps = makeSteps();
  steps.fail(/^journal-B/, 'before');
  const at = centres.process('A', { steps, registers: [witness] });
  await at.relay.tick(ask.relayBy(at));
  expect(await leasesStand()).toEqual([false, false]);
});

import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeEpochRegister } from '../../../functions/adapters/dynamodb/epoch-register.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { standIn } from '../aws.ts';
import { startStallingServer } from '../stalling-server.ts';
import { makeHandClock, wallClock } from '../wall-clock.ts';

const tableName = 'register';
const unavailable = { code: 'dependency-unavailable', part: 'register-witness' };
const epoch = { epoch: 4, centre: 'A' } as const;
const itemOf = (number: number, centre: string, longestMs: number) => ({
  id: { S: 'epoch-register' },
  epoch: { N: String(number) },
  centre: { S: centre },
  longestPromiseMs: { N: String(longestMs) },
});

describe('with a service that answers', () => {
  let dynamo: ReturnType<typeof mockClient>;
  const clock = makeHandClock();
  const register = makeEpochRegister({
    ...standIn('register-witness', 'http://127.0.0.1:9'),
    clock,
    tableName,
  });
  const soon = () => deadlineAfter(clock, 1_000);
  beforeEach(() => {
    dynamo = mockClient(DynamoDBClient);
  });
  afterEach(() => dynamo.restore());

  const conditionFails = (item?: ReturnType<typeof itemOf>) =>
    dynamo
      .on(UpdateItemCommand)
      .rejects(
        new ConditionalCheckFailedException({ $metadata: {}, message: 'no', ...(item && { Item: item }) }),
      );

  test.each([
    ['the same epoch, promised as long already', itemOf(4, 'A', 3_000), 'promised'],
    ['the same epoch, promised longer already', itemOf(4, 'A', 9_000), 'promised'],
    ['a newer epoch', itemOf(5, 'A', 9_000), 'older-epoch'],
    ['the same epoch of another centre', itemOf(4, 'B', 9_000), 'older-epoch'],
    ['an older epoch', itemOf(3, 'A', 9_000), 'older-epoch'],
  ])('a promise refused by a register that holds %s', async (_, item, outcome) => {
    conditionFails(item);
    expect(await register.renew(epoch, 3_000, soon())).toBe(outcome);
  });

  test('a register that was never prepared says nothing of epochs', async () => {
    conditionFails();
    await expect(register.renew(epoch, 3_000, soon())).rejects.toMatchObject(unavailable);
    await expect(register.raise(epoch, soon())).rejects.toMatchObject(unavailable);
    dynamo.on(GetItemCommand).resolves({});
    await expect(register.read(soon())).rejects.toMatchObject(unavailable);
  });

  test('nothing is read that may be old', async () => {
    dynamo.on(GetItemCommand).resolves({ Item: itemOf(4, 'A', 0) });
    await register.read(soon());
    expect(dynamo.commandCalls(GetItemCommand)[0]?.args[0].input.ConsistentRead).toBe(true);
  });

  test('another fault is no refusal', async () => {
    dynamo
      .on(UpdateItemCommand)
      .rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    await expect(register.renew(epoch, 3_000, soon())).rejects.toMatchObject(unavailable);
    await expect(register.raise(epoch, soon())).rejects.toMatchObject(unavailable);
  });
});

test.each(['accepts', 'half-answers'] as const)(
  'a service that hangs costs no more than the deadline: it %s',
  async (how) => {
    const server = await startStallingServer(how);
    const register = makeEpochRegister({
      ...standIn('register-witness', server.url),
      clock: wallClock,
      tableName,
    });
    const startMs = performance.now();
    const outcomes = await Promise.allSettled([
      register.read(deadlineAfter(wallClock, 1_000)),
      register.renew(epoch, 3_000, deadlineAfter(wallClock, 1_000)),
      register.raise(epoch, deadlineAfter(wallClock, 1_000)),
    ]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(performance.now() - startMs).toBeLessThan(4_000);
    expect(server.connections()).toBeGreaterThan(0);
    await server.close();
  },
);

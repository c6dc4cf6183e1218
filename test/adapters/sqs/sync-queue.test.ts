import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeMessage, messageBytesMax } from '../../../functions/adapters/sqs/message.ts';
import { makeSyncQueue } from '../../../functions/adapters/sqs/sync-queue.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { SyncMessage } from '../../../functions/core/propagation/ports.ts';
import { standIn } from '../aws.ts';
import { sampleEvent } from '../sample-events.ts';
import { startStallingServer } from '../stalling-server.ts';
import { makeHandClock, wallClock } from '../wall-clock.ts';

const message: SyncMessage = {
  format: 1,
  databaseCluster: 'c0',
  sequence: 1,
  event: sampleEvent({ memberId: 'x', version: 1 }),
  sinks: ['redis:redis-a-0'],
};
const unavailable = { code: 'dependency-unavailable', part: 'queue-a' };
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

const queueUrl = 'http://elsewhere.invalid/000000000000/queue';

test.each(['accepts', 'half-answers'] as const)(
  'a service that hangs costs no more than the deadline: it %s',
  async (how) => {
    const server = await startStallingServer(how);
    cleanUps.push(server.close);
    const queue = makeSyncQueue({ ...standIn('queue-a', server.url), clock: wallClock, queueUrl });
    const startMs = performance.now();
    await expect(queue.send(message, deadlineAfter(wallClock, 1_000))).rejects.toMatchObject(unavailable);
    expect(performance.now() - startMs).toBeLessThan(4_000);
    expect(server.connections()).toBeGreaterThan(0);
  },
);

describe('with a service that answers', () => {
  const make = () => {
    const sqs = mockClient(SQSClient);
    cleanUps.push(() => sqs.restore());
    const clock = makeHandClock();
    const queue = makeSyncQueue({ ...standIn('queue-a', 'http://127.0.0.1:9'), clock, queueUrl });
    return { sqs, clock, queue, soon: () => deadlineAfter(clock, 1_000) };
  };

  test('sends to the queue it was given', async () => {
    const { sqs, queue, soon } = make();
    sqs.on(SendMessageCommand).resolves({ MessageId: '1' });
    await queue.send(message, soon());
    const input = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input;
    expect(input?.QueueUrl).toBe(queueUrl);
    expect(decodeMessage(input?.MessageBody ?? '')).toEqual(message);
  });

  test('says that it is not known what became of a message that was refused', async () => {
    const { sqs, queue, soon } = make();
    sqs
      .on(SendMessageCommand)
      .rejects(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    await expect(queue.send(message, soon())).rejects.toMatchObject(unavailable);
  });

  test('sends nothing after the deadline', async () => {
    const { sqs, clock, queue } = make();
    await expect(queue.send(message, deadlineAfter(clock, 0))).rejects.toMatchObject(unavailable);
    expect(sqs.calls()).toHaveLength(0);
  });

  test('refuses a message that no queue would take', async () => {
    const { sqs, queue, soon } = make();
    const event = sampleEvent({ memberId: 'x', version: 1, sealed: 's'.repeat(messageBytesMax) });
    await expect(queue.send({ ...message, event }, soon())).rejects.toMatchObject({
      code: 'invariant-broken',
    });
    expect(sqs.calls()).toHaveLength(0);
  });
});

test.each([
  '',
  'text',
  'null',
  '{}',
  JSON.stringify({ ...message, format: 2 }),
  JSON.stringify({ ...message, event: {} }),
])('what is no message is none: %s', (body) => {
  expect(decodeMessage(body)).toBeNull();
});

import { randomBytes } from 'node:crypto';
import {
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { decodeMessage } from '../../../functions/adapters/sqs/message.ts';
import { prepareQueue } from '../../../functions/adapters/sqs/prepare-queue.ts';
import { makeQueueGauge } from '../../../functions/adapters/sqs/queue-gauge.ts';
import { makeSyncQueue } from '../../../functions/adapters/sqs/sync-queue.ts';
import { deadLetterDays, queueDays } from '../../../functions/core/failover/retention.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import type { SyncMessage } from '../../../functions/core/propagation/ports.ts';
import { engineAddress } from '../../engines.ts';
import { standIn } from '../aws.ts';
import { syncQueueContract } from '../contract/sync-queue.ts';
import { wallClock as clock } from '../wall-clock.ts';

async function makeQueue() {
  const connection = { ...standIn('queue-a', engineAddress('aws-a')), clock };
  const sqs = new SQSClient(connection);
  const prepare = (queueName: string) =>
    prepareQueue({
      ...connection,
      queueName,
      visibilitySeconds: 30,
      receptionsMax: 5,
      deadline: deadlineAfter(clock, 10_000),
    });
  const queueName = `test-${randomBytes(6).toString('hex')}`;
  const { queueUrl, deadQueueUrl } = await prepare(queueName);
  return {
    sqs,
    queueUrl,
    deadQueueUrl,
    prepareAgain: () => prepare(queueName),
    queue: makeSyncQueue({ ...connection, queueUrl }),
    gauge: makeQueueGauge({ ...connection, queueUrl }),
    async end() {
      for (const QueueUrl of [queueUrl, deadQueueUrl]) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      sqs.destroy();
    },
  };
}

syncQueueContract('SQS', async () => {
  const { sqs, queueUrl: QueueUrl, queue, gauge, end } = await makeQueue();
  return {
    queue,
    gauge,
    clock,
    async receive(count) {
      const received: SyncMessage[] = [];
      while (received.length < count) {
        const batch = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5 });
        for (const { Body, ReceiptHandle } of (await sqs.send(batch)).Messages ?? []) {
          const message = decodeMessage(Body ?? '');
          if (message === null) throw new Error(`not a message: ${Body}`);
          received.push(message);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
      return received;
    },
    end,
  };
});

test('messages that are handed out, and those that were given up, are counted apart', async () => {
  const { sqs, queueUrl: QueueUrl, deadQueueUrl, gauge, end } = await makeQueue();
  const soon = () => deadlineAfter(clock, 10_000);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
  await sqs.send(new SendMessageCommand({ QueueUrl: deadQueueUrl, MessageBody: 'given up' }));
  await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(await gauge.depth(soon())).toEqual({ waiting: 0, underWay: 1, dead: 1 });
  await end();
  await expect(gauge.depth(soon())).rejects.toBeInstanceOf(DependencyUnavailable);
});

test('a queue is prepared once, however often', async () => {
  const { prepareAgain, queueUrl, deadQueueUrl, end } = await makeQueue();
  expect(await prepareAgain()).toEqual({ queueUrl, deadQueueUrl });
  await end();
});

test('messages and dead letters expire by the stated days, also of a queue that was made with others', async () => {
  const { sqs, prepareAgain, queueUrl, deadQueueUrl, end } = await makeQueue();
  const other = { MessageRetentionPeriod: String(14 * 86_400) };
  for (const QueueUrl of [queueUrl, deadQueueUrl])
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: other }));
  await prepareAgain();
  const secondsOf = async (QueueUrl: string) => {
    const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['MessageRetentionPeriod'] });
    return Number((await sqs.send(asked)).Attributes?.MessageRetentionPeriod);
  };
  expect(await secondsOf(queueUrl)).toBe(queueDays * 86_400);
  expect(await secondsOf(deadQueueUrl)).toBe(deadLetterDays * 86_400);
  await end();
});

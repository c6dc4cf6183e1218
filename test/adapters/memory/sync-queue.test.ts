import { expect, test } from 'vitest';
import { makeMemoryQueueGauge } from '../../../functions/adapters/memory/queue-gauge.ts';
import { type MemoryQueueState, makeMemorySyncQueue } from '../../../functions/adapters/memory/sync-queue.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { syncQueueContract } from '../contract/sync-queue.ts';
import { sampleEvent } from '../sample-events.ts';
import { wallClock as clock } from '../wall-clock.ts';

syncQueueContract('memory', async () => {
  const state: MemoryQueueState = [];
  const queue = makeMemorySyncQueue({ name: 'queue-a', state });
  return {
    queue,
    gauge: makeMemoryQueueGauge({ name: 'queue-a', state }),
    clock,
    receive: async (count) => Array.from({ length: count }, () => queue.take(queue.length - 1)),
    end: async () => {},
  };
});

test('hands out in any order, and again', async () => {
  const state: MemoryQueueState = [];
  const sender = makeMemorySyncQueue({ name: 'queue-a', state });
  const receiver = makeMemorySyncQueue({ name: 'queue-a', state });
  for (const sequence of [1, 2, 3]) {
    const event = sampleEvent({ memberId: 'x', version: sequence });
    const message = { format: 1, databaseCluster: 'c0', sequence, event, sinks: [] } as const;
    await sender.send(message, deadlineAfter(clock, 1_000));
  }
  expect(receiver.peek(1).sequence).toBe(2);
  expect(receiver.take(1).sequence).toBe(2);
  expect(receiver.length).toBe(2);
  expect(receiver.take(1).sequence).toBe(3);
  expect(receiver.take(0).sequence).toBe(1);
  expect(() => receiver.take(0)).toThrow('no message 0');
});

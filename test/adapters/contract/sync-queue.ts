import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { QueueGauge, SyncMessage, SyncQueue } from '../../../functions/core/propagation/ports.ts';
import { sampleEvent } from '../sample-events.ts';

export interface SyncQueueSubject {
  readonly queue: SyncQueue;
  readonly gauge: QueueGauge;
  readonly clock: Clock;
  /** Takes out `count` messages, in whatever order they come. */
  receive(count: number): Promise<readonly SyncMessage[]>;
  /** Puts everything back. */
  end(): Promise<void>;
}

export function syncQueueContract(name: string, makeSubject: () => Promise<SyncQueueSubject>): void {
  describe(`sync queue: ${name}`, () => {
    let subject: SyncQueueSubject;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(() => subject.end());

    const soon = () => deadlineAfter(subject.clock, 20_000);
    const message = (sequence: number): SyncMessage => ({
      format: 1,
      databaseCluster: 'c0',
      sequence,
      event: sampleEvent({
        memberId: randomUUID(),
        version: 2 ** 33 + sequence,
        sealed: '密封 "<&>" \u{1f600}',
        directory: [{ key: '1:key/+=', token: '20260102.a', to: 'bound' }],
      }),
      sinks: ['search:search-primary', 'redis:redis-a-0'],
    });

    test('hands out what was sent', async () => {
      const sent = message(1);
      await subject.queue.send(sent, soon());
      expect(await subject.receive(1)).toEqual([sent]);
    });

    test('is counted, and carries the trace of the request that changed something', async () => {
      const { event, ...rest } = message(5);
      const traced = { ...rest, event: { ...event, trace: `00-${'a1'.repeat(16)}-${'b2'.repeat(8)}-01` } };
      expect(await subject.gauge.depth(soon())).toEqual({ waiting: 0, underWay: 0, dead: 0 });
      await subject.queue.send(traced, soon());
      await subject.queue.send(message(6), soon());
      expect(await subject.gauge.depth(soon())).toEqual({ waiting: 2, underWay: 0, dead: 0 });
      const received = await subject.receive(2);
      expect(received.find(({ sequence }) => sequence === 5)).toEqual(traced);
      expect(await subject.gauge.depth(soon())).toEqual({ waiting: 0, underWay: 0, dead: 0 });
    });

    test('hands out each of several, and one that was sent twice, twice', async () => {
      const sent = [message(2), message(3), message(4)];
      for (const one of [...sent, ...sent.slice(0, 1)]) await subject.queue.send(one, soon());
      const received = (await subject.receive(4)).map(({ sequence }) => sequence);
      expect(received.sort()).toEqual([2, 2, 3, 4]);
    });
  });
}

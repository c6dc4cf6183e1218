import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { SyncMessage, SyncQueue } from '../../../functions/core/propagation/ports.ts';
import { sampleEvent } from '../sample-events.ts';

export interface SyncQueueSubject {
  readonly queue: SyncQueue;
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

    test('hands out each of several, and one that was sent twice, twice', async () => {
      const sent = [message(2), message(3), message(4)];
      for (const one of [...sent, ...sent.slice(0, 1)]) await subject.queue.send(one, soon());
      const received = (await subject.receive(4)).map(({ sequence }) => sequence);
      expect(received.sort()).toEqual([2, 2, 3, 4]);
    });
  });
}

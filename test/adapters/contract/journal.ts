import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EpochRegister, Ledger, RegisteredEpoch } from '../../../functions/core/failover/ports.ts';
import { type Clock, type Deadline, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { Journal } from '../../../functions/core/propagation/ports.ts';
import { sampleEvent } from '../sample-events.ts';

/** A centre's journal, and the register beside it, at epoch 4 of centre A. */
export interface JournalSubject {
  readonly journal: Journal;
  readonly register: EpochRegister;
  /** In the same database. */
  readonly ledger: Ledger;
  /** A database cluster that nobody else writes about. */
  readonly databaseCluster: string;
  readonly clock: Clock;
  /** Everything there is was appended `ms` earlier. */
  pass(ms: number): Promise<void>;
  end(): Promise<void>;
}

const writer: RegisteredEpoch = { epoch: 4, centre: 'A' };

export function journalContract(name: string, makeSubject: () => Promise<JournalSubject>): void {
  describe(`journal: ${name}`, () => {
    let subject: JournalSubject;
    let journal: Journal;
    let cluster: string;
    let memberId: string;
    const soon = (): Deadline => deadlineAfter(subject.clock, 10_000);
    const event = (version: number, epoch = 4) => sampleEvent({ memberId, version, epoch });
    const append = (version: number, by = writer) => journal.append(cluster, event(version), by, soon());
    const entries = (minAgeMs = 0, limit = 100) => journal.entries(cluster, minAgeMs, limit, soon());

    beforeEach(async () => {
      subject = await makeSubject();
      journal = subject.journal;
      cluster = subject.databaseCluster;
      memberId = randomUUID();
    });
    afterEach(() => subject.end());

    test('gives back what was appended, whole and in order, a cluster by itself', async () => {
      const odd = { ...event(8), cacheKeys: ["i:'\\é名\u0000"] as const };
      expect(await append(9)).toBe('appended');
      expect(await journal.append(cluster, odd, writer, soon())).toBe('appended');
      expect(await journal.append(`${cluster}x`, event(1), writer, soon())).toBe('appended');
      expect(await entries()).toEqual([event(9), odd]);
      expect(await entries(0, 1)).toEqual([event(9)]);
      await journal.trim(`${cluster}x`, [{ memberId, version: 1 }], soon());
    });

    test('is read to its end in pages, in the order it was appended, a cluster by itself', async () => {
      for (const version of [3, 1, 2]) expect(await append(version)).toBe('appended');
      await journal.append(`${cluster}x`, event(9), writer, soon());
      const first = await journal.page(cluster, 0, 2, soon());
      expect(first.map((entry) => entry.event.version)).toEqual([3, 1]);
      const rest = await journal.page(cluster, first.at(-1)?.number ?? 0, 2, soon());
      expect(rest.map((entry) => entry.event)).toEqual([event(2)]);
      expect(await journal.page(cluster, rest[0]?.number ?? 0, 2, soon())).toEqual([]);
      await journal.trim(`${cluster}x`, [{ memberId, version: 9 }], soon());
    });

    test('has a loss ledger beside it: each entry once, until its epoch is forgotten', async () => {
      const { ledger } = subject;
      const entry = { epoch: 5, databaseCluster: cluster, kind: 'from-journal', event: event(1) } as const;
      await ledger.record([entry, { ...entry, kind: 'one-centre', event: event(2) }], soon());
      await ledger.record([entry], soon());
      const mine = async () =>
        (await ledger.page(0, 1_000, soon())).filter((one) => one.databaseCluster === cluster);
      const [first, second, ...more] = await mine();
      expect(first).toMatchObject(entry);
      expect(Date.parse(first?.recordedAt ?? '')).not.toBeNaN();
      expect([second?.kind, more.length]).toEqual(['one-centre', 0]);
      expect((await ledger.page(first?.number ?? 0, 1, soon()))[0]?.event).toEqual(event(2));
      await ledger.forget(4, soon());
      expect((await mine()).length).toBe(2);
      expect(await ledger.forget(5, soon())).toBeGreaterThanOrEqual(2);
      expect(await mine()).toEqual([]);
    });

    test('is appended to again without any change', async () => {
      expect(await append(1)).toBe('appended');
      expect(await append(1)).toBe('appended');
      expect(await entries()).toEqual([event(1)]);
    });

    test.each([
      ['an older epoch', { epoch: 3, centre: 'A' }],
      ['the same epoch of another centre', { epoch: 4, centre: 'B' }],
      ['a newer epoch', { epoch: 5, centre: 'A' }],
    ] as const)('refuses %s, also what is there already', async (_, by) => {
      expect(await append(1, by)).toBe('refused');
      expect(await entries()).toEqual([]);
      await append(1);
      expect(await append(1, by)).toBe('refused');
    });

    test('appends many, all or none, and again without any change', async () => {
      const many = (by = writer) => journal.appendMany(cluster, [event(1), event(2), event(3)], by, soon());
      expect(await journal.appendMany(cluster, [], writer, soon())).toBe('appended');
      expect(await many({ epoch: 3, centre: 'A' })).toBe('refused');
      expect(await many({ epoch: 4, centre: 'B' })).toBe('refused');
      expect(await entries()).toEqual([]);
      await append(2);
      expect(await many()).toBe('appended');
      expect(await many()).toBe('appended');
      expect((await entries()).map(({ version }) => version).sort()).toEqual([1, 2, 3]);
    });

    test("takes an older epoch's event from the writer of the register's", async () => {
      await subject.register.raise({ epoch: 5, centre: 'A' }, soon());
      expect(await append(1)).toBe('refused');
      expect(await append(1, { epoch: 5, centre: 'A' })).toBe('appended');
      expect(await entries()).toEqual([event(1)]);
    });

    test('takes no more of an epoch once the register was raised: its end is exact', async () => {
      const appending = [1, 2, 3, 4, 5, 6, 7, 8].map((version) => append(version));
      expect(await subject.register.raise({ epoch: 5, centre: 'B' }, soon())).toBe('raised');
      const atTheRaise = await entries();
      const outcomes = await Promise.all(appending);
      expect(await append(9)).toBe('refused');
      const appended = outcomes.filter((outcome) => outcome === 'appended').length;
      expect(atTheRaise).toHaveLength(appended);
      expect(await entries()).toEqual(atTheRaise);
    });

    test('has entries by their age', async () => {
      await append(1);
      await subject.pass(10_000);
      await append(2);
      await append(1);
      expect(await entries(10_000)).toEqual([event(1)]);
      expect(await entries(0)).toEqual([event(1), event(2)]);
      expect(await entries(3_600_000)).toEqual([]);
    });

    test('says how much there is of a cluster, and how old the oldest is', async () => {
      const backlog = () => journal.backlog(cluster, soon());
      expect(await backlog()).toEqual({ waiting: 0, oldestMs: 0 });
      await append(1);
      await subject.pass(10_000);
      await append(2);
      const { waiting, oldestMs } = await backlog();
      expect(waiting).toBe(2);
      expect(oldestMs).toBeGreaterThanOrEqual(10_000);
      expect(oldestMs).toBeLessThan(70_000);
    });

    test('is trimmed of what is named, and appended to again after that', async () => {
      for (const version of [1, 2, 3]) await append(version);
      const trimmed = [1, 3, 99].map((version) => ({ memberId, version }));
      await journal.trim(cluster, trimmed, soon());
      await journal.trim(cluster, trimmed, soon());
      await journal.trim(cluster, [], soon());
      expect(await entries()).toEqual([event(2)]);
      expect(await append(1)).toBe('appended');
      expect(await entries()).toEqual([event(2), event(1)]);
    });
  });
}

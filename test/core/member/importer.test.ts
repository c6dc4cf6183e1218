/** The batch form of registering, in memory: what it decides, and what a crash between any two of its steps leaves. */
import { expect, test } from 'vitest';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import type { ImportOutcome } from '../../../functions/core/member/importer.ts';
import { makeSteps, type Side } from '../../protocol/steps.ts';
import { account, entryOf, type MemoryService, makeMemoryService, phone } from '../../seed/memory-service.ts';

const kinds = (outcomes: readonly ImportOutcome[]): readonly string[] => outcomes.map(({ kind }) => kind);
const batch = () => Array.from({ length: 12 }, (_, at) => entryOf(at, phone(1000 + at), account(at)));

/** Everything is there once, and everywhere. */
function expectAllOnce(service: MemoryService, count: number): void {
  const members = service.members();
  expect(members).toHaveLength(count);
  expect(service.histories().every((entries) => entries.length === 1)).toBe(true);
  const holdings = members.flatMap(({ memberId, version, holdings: held }) =>
    held.map(({ key, token }) => ({ key, token, memberId, version, state: 'bound' })),
  );
  expect(new Set(holdings.map(({ key }) => key)).size).toBe(holdings.length);
  const rows = service.rows().filter(({ state }) => state !== 'free');
  const byKey = (one: { key: string }, other: { key: string }) => (one.key < other.key ? -1 : 1);
  expect(rows.map(({ claimEndsMs: _, ...row }) => row).sort(byKey)).toEqual(holdings.sort(byKey));
  expect(service.outboxRows()).toHaveLength(count);
  expect(service.journal.entries.size).toBe(count);
  // What is registered alone leaves to the queue what it does not need for its receipt.
  const pending = service.outboxRows().flatMap((row) => row.pending);
  expect(pending.filter((sink) => sink !== 'search:backup')).toEqual([]);
  const { primary, backup } = service.search;
  expect(primary.members.size).toBe(count);
  expect(primary.identifiers.size).toBe(holdings.length);
  expect(backup.members.size).toBeGreaterThanOrEqual(count - pending.length);
  for (const { fences } of Object.values(service.redises)) expect(fences.size).toBeGreaterThan(0);
}

test('registers a batch with all that one registration leaves, in a few steps', async () => {
  const service = makeMemoryService();
  const steps = makeSteps();
  const outcomes = await service.process(steps).importer(batch());
  for (const [index, outcome] of outcomes.entries()) {
    expect(outcome).toMatchObject({
      kind: 'done',
      member: { name: `Ada ${index}` },
      receipt: { epoch: 1, durability: 'both-centres' },
    });
  }
  expectAllOnce(service, 12);
  expect(service.outboxRows().every(({ pending }) => pending.length === 0)).toBe(true);
  expect(steps.count(/^registrations\.begin$|^members\.commit$|^directory\.claim$/)).toBe(0);
});

test('a batch that is repeated answers with the same receipts and changes nothing', async () => {
  const service = makeMemoryService();
  const first = await service.process().importer(batch());
  expect(await service.process().importer(batch())).toEqual(first);
  expectAllOnce(service, 12);
});

test('of two with one identifier the first gets it, also where the first cannot go with the others', async () => {
  const service = makeMemoryService();
  const { writer, importer } = service.process();
  const { input, request } = entryOf(99, account('taken'));
  await writer.register(input, request, deadlineAfter(service.clock, 5_000));
  const outcomes = await importer([
    entryOf(1, phone(1), account('a')),
    entryOf(2, phone(1), account('b')),
    entryOf(3, phone(3), account('taken')),
    entryOf(4, phone(3), account('c')),
    entryOf(5, phone(5), account('b')),
  ]);
  expect(kinds(outcomes)).toEqual(['done', 'identifier-bound', 'identifier-bound', 'done', 'done']);
  expect(outcomes[1]).toEqual({ kind: 'identifier-bound', fields: ['phone'] });
  expect(outcomes[2]).toEqual({ kind: 'identifier-bound', fields: ['account:tongcheng-app'] });
  expectAllOnce(service, 4);
});

test('nobody overtakes one that is not decided yet about the same identifier', async () => {
  const service = makeMemoryService();
  const steps = makeSteps();
  const end = steps.fail(/^members\.commit/, 'before');
  const entries = [entryOf(1, phone(1)), entryOf(2, phone(1)), entryOf(3, phone(3))];
  const outcomes = await service.process(steps).importer(entries);
  expect(kinds(outcomes)).toEqual(['unanswered', 'unavailable', 'unanswered']);
  expect(outcomes[1]).toMatchObject({ reason: 'contended' });
  end();
  service.clock.advance(60_000);
  expect(kinds(await service.process(steps).importer(entries))).toEqual(['done', 'identifier-bound', 'done']);
  expectAllOnce(service, 2);
});

test('a batch that the server refuses is made one by one, but for whom it cannot be made', async () => {
  const service = makeMemoryService();
  const steps = makeSteps();
  const pause = steps.pause(/^members\.commitMany$/, 'before');
  const outcomes = service.process(steps).importer(batch());
  await pause.reached;
  const [row] = service.rows();
  for (const each of Object.values(service.clusters))
    each.writer.token.set(row?.token ?? '', { outcome: 'void', slot: 0 });
  pause.resume();
  expect(kinds(await outcomes)).toEqual(batch().map(() => 'done'));
  expectAllOnce(service, 12);
});

test.each([
  ['the journal', /^journal-b/, 'one-centre'],
  ['a Redis, for a while longer than its grant', /^redis-b-0/, 'both-centres'],
  ['a search cluster', /^search:backup/, 'both-centres'],
] as const)('%s away costs its own work only', async (_, part, durability) => {
  const service = makeMemoryService();
  const steps = makeSteps();
  steps.fail(part, 'before');
  const outcomes = await service.process(steps).importer(batch());
  for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: 'done', receipt: { durability } });
  expect(service.outboxRows().every(({ pending }) => pending.length === 1)).toBe(true);
});

test('a journal that refuses the epoch gives no receipt to any', async () => {
  const service = makeMemoryService();
  service.journal.register.held = { epoch: 2, centre: 'B' };
  const outcomes = await service.process().importer(batch());
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'no-receipt' });
});

test('without a lease to write nothing is registered, alone or together', async () => {
  const service = makeMemoryService();
  const steps = makeSteps();
  for (const { writer } of Object.values(service.clusters)) writer.control.leaseEndsMs = 0;
  const outcomes = await service.process(steps).importer(batch());
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'not-the-writer' });
  expect(service.members()).toEqual([]);
  expect(steps.made).toHaveLength(1);
});

test('a crash at any step leaves what the same batch, sent again, finishes once', async () => {
  const counting = makeSteps();
  await makeMemoryService().process(counting).importer(batch());
  expect(counting.made.length).toBeGreaterThan(15);
  for (let number = 1; number <= counting.made.length; number++) {
    for (const side of ['before', 'after'] satisfies Side[]) {
      const service = makeMemoryService();
      const steps = makeSteps();
      steps.crashAt(number, side);
      void service.process(steps).importer(batch());
      await steps.crashed;
      service.clock.advance(60_000);
      const again = await service.process().importer(batch());
      expect(kinds(again), `after a crash ${side} ${number}, ${steps.made[number - 1]}`).toEqual(
        batch().map(() => 'done'),
      );
      expectAllOnce(service, 12);
    }
  }
}, 60_000);

/** An identifier that moves from one member to another and back, read after each step, with search told in every order. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import { checkAtRest, expectFound, inParallel } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

type Check = (identifier: Identifier, owner: Member | undefined) => Promise<void>;

const both: readonly CentreName[] = ['A', 'B'];

/** X -> Y -> X. Y is younger, and its versions are lower than X's. Whoever writes, the other centre is told by its queue. */
async function move(by: Readonly<Record<CentreName, Process>>, check: Check = async () => {}) {
  const [phone, processes] = [ask.freshPhone(), by];
  const x = ask.done(await ask.register(processes.A, [phone])).receipt.memberId;
  for (const name of ['Grace', 'Joan', 'Mary']) ask.done(await ask.rename(processes.A, x, name));
  const y = ask.done(await ask.register(processes.B, [ask.freshAccount()])).receipt.memberId;
  const steps = [
    () => ask.unbind(processes.A, x, 'phone'),
    () => ask.bind(processes.B, y, phone),
    () => ask.unbind(processes.A, y, 'phone'),
    () => ask.bind(processes.B, x, phone),
  ];
  const versions: number[] = [];
  for (const [index, step] of steps.entries()) {
    const { member, receipt } = ask.done(await step());
    versions.push(receipt.version);
    await check(phone, index % 2 === 0 ? undefined : member);
  }
  expect(versions, 'versions go on across members').toEqual([...versions].sort((one, other) => one - other));
  return { phone, x, y };
}

function ordersOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item) =>
    ordersOf(items.filter((one) => one !== item)).map((rest) => [item, ...rest]),
  );
}

test('each step is read at once, fresh, in both centres, however far search is behind', async () => {
  const processes = { A: centres.process('A'), B: centres.process('B') };
  let seen = 0;
  const { phone, x, y } = await move(processes, async (moved, member) => {
    for (const reader of Object.values(processes)) {
      for (let turn = 0; turn < 2; turn++) await expectFound(reader, moved, member);
    }
    seen++;
  });
  expect(seen).toBe(4);
  const { ownerOf } = await checkAtRest(centres, [x, y], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(x);
});

test('what was let go passes to another only when the other centre knows of the letting go', async () => {
  const phone = ask.freshPhone();
  const steps = makeSteps();
  const atA = centres.process('A', { steps });
  const x = ask.done(await ask.register(atA, [phone])).receipt.memberId;
  const comesBack = steps.fail(/^journal-B/, 'before');
  expect(ask.done(await ask.unbind(atA, x, 'phone')).receipt.durability).toBe('one-centre');
  await expectFound(atA, phone, undefined);

  const y = ask.done(await ask.register(atA, [ask.freshAccount()])).receipt.memberId;
  const refused = { kind: 'unavailable', reason: 'identifier-busy', retryAfterMs: 1_000 };
  for (const taker of [y, x]) expect(await ask.bind(atA, taker, phone)).toEqual(refused);

  comesBack();
  await centres.age();
  await atA.relay.tick(ask.relayBy(atA));
  ask.done(await ask.bind(atA, y, phone));
  const { ownerOf } = await checkAtRest(centres, [x, y], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(y);
});

test('search comes to the same end in every order of the queue, and with every message twice', async () => {
  const orders = ordersOf([0, 1, 2, 3]);
  expect(orders.length).toBe(24);
  const moves: Awaited<ReturnType<typeof move>>[] = [];
  const writer = centres.process('A');
  await inParallel(orders, async () => void moves.push(await move({ A: writer, B: writer })));
  for (const centre of both) {
    const consumer = centres.process(centre);
    const messages = await centres.takeMessages(centre);
    await inParallel([...orders.entries()], async ([index, order]) => {
      const { x, y } = moves[index] ?? { x: '', y: '' };
      const mine = messages
        .filter(({ event }) => event.memberId === x || event.memberId === y)
        .sort((one, other) => one.event.version - other.event.version);
      const last = mine.filter(({ event }) => event.directory.length > 0).slice(-4);
      const inOrder = order
        .map((at) => last[at])
        .filter((message): message is SyncMessage => message !== undefined);
      expect(inOrder.length).toBe(4);
      for (const message of [...inOrder, ...inOrder]) await consumer.apply(message, ask.relayBy(consumer));
      for (const message of mine.reverse()) await consumer.apply(message, ask.relayBy(consumer));
    });
  }
  const ids = moves.flatMap(({ x, y }) => [x, y]);
  const { ownerOf } = await checkAtRest(
    centres,
    ids,
    moves.map(({ phone }) => phone),
  );
  for (const { phone, x } of moves) expect(ownerOf(phone)?.memberId).toBe(x);
});

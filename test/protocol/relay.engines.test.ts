/** The relay finishes what dead processes left, and two relays at once do no harm. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { checkAtRest, drain, expectFound, inParallel, outliveFences } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

/** A registration whose process has died right after its commit: nothing but its outbox row is there. */
async function leftBehind(identifiers: readonly Identifier[]): Promise<void> {
  const steps = makeSteps();
  const committed = steps.pause(/^members\.commit$/, 'after');
  void ask.register(centres.process('A', { steps }), identifiers);
  await committed.reached;
}

const outboxRows = async (): Promise<number> => {
  const [row] = await centres.admin.sql(
    'SELECT (SELECT COUNT(*) FROM control_c0.outbox) + (SELECT COUNT(*) FROM control_c1.outbox) AS found',
  );
  return Number(row?.found);
};

test('what a killed process left is finished, and nothing before it is old enough', async () => {
  const phones = Array.from({ length: 12 }, ask.freshPhone);
  await inParallel(phones, (phone) => leftBehind([phone]));
  const relay = centres.process('A');
  await relay.relay.tick(ask.relayBy(relay));
  const observer = centres.process('B');
  for (const phone of phones) {
    const row = await observer.writerSource.identifier(ask.keyOf(phone), ask.readBy(observer));
    expect(row?.state, 'a live process may still be about it').toBe('claimed');
  }
  const { members, ownerOf } = await checkAtRest(centres, [], phones);
  expect(members.length).toBe(12);
  for (const phone of phones) expect(ownerOf(phone)).toMatchObject({ name: 'Ada' });
});

test('a relay that stands still anywhere, and goes on after another has done its work, does no harm', async () => {
  const counting = makeSteps();
  await leftBehind([ask.freshPhone()]);
  const counted = centres.process('A', { steps: counting });
  for (let round = 0; round < 2; round++) {
    await centres.age();
    await centres.replicasFollow();
    await counted.relay.tick(ask.relayBy(counted));
  }
  const isWork = /outbox|directory|journal|fence|endFences|put$/i;
  const places = counting.made.flatMap((name, index) =>
    isWork.test(name) ? [{ name, number: index + 1 }] : [],
  );
  expect(new Set(places.map(({ name }) => name)).size).toBeGreaterThan(8);

  const [phones, memberIds]: [Identifier[], string[]] = [[], []];
  for (const { name } of places) {
    const phone = ask.freshPhone();
    await leftBehind([phone]);
    const steps = makeSteps();
    const slow = centres.process('A', { steps });
    const pause = steps.pause(new RegExp(`^${name}$`), 'before');
    const rounds = (async () => {
      for (let round = 0; round < 2; round++) {
        await centres.age();
        await centres.replicasFollow();
        await slow.relay.tick(ask.relayBy(slow));
      }
    })();
    await Promise.race([pause.reached, rounds]);
    const other = centres.process('A');
    for (let round = 0; round < 2; round++) {
      await centres.age();
      await centres.replicasFollow();
      await other.relay.tick(ask.relayBy(other));
    }
    const at = centres.process('B');
    const row = await at.writerSource.identifier(ask.keyOf(phone), ask.readBy(at));
    const { receipt } = ask.done(await ask.rename(at, row?.memberId ?? '', 'Grace'));
    pause.resume();
    await rounds;
    phones.push(phone);
    memberIds.push(receipt.memberId);
  }
  const { members, ownerOf } = await checkAtRest(centres, memberIds, phones);
  expect(members.length).toBe(places.length);
  for (const phone of phones) expect(ownerOf(phone)).toMatchObject({ name: 'Grace' });
});

test('a fence stands, and its row, until every source shows the change', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  await drain(centres);
  await centres.holdReplicas();
  try {
    const { member } = ask.done(await ask.rename(centres.process('A'), memberId, 'Grace'));
    for (const process of [centres.process('A'), centres.process('B')]) {
      for (let round = 0; round < 3; round++) {
        await centres.age();
        await process.relay.tick(ask.relayBy(process));
      }
    }
    expect(await outboxRows()).toBe(1);
    const fences = await Promise.all(
      Object.values(centres.caches.B).map((cache) =>
        cache.openFences('0', ask.relayBy(centres.process('B'))),
      ),
    );
    expect(fences.flatMap((page) => page.fences).map(({ version }) => version)).toEqual([
      member.version,
      member.version,
    ]);
    const steps = makeSteps();
    steps.fail(/^search:/, 'before');
    await expectFound(centres.process('B', { steps }), phone, member);
  } finally {
    await centres.releaseReplicas();
  }
  await checkAtRest(centres, [memberId], [phone]);
});

test('a newer change does not end the fences that an older one of the member still needs', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const [withheld, ...others] = await centres.takeMessages('B');
  expect([withheld?.event.memberId, others.length]).toEqual([memberId, 0]);
  const { member } = ask.done(await ask.rename(centres.process('A'), memberId, 'Grace'));
  for (const centre of ['A', 'B'] as const) {
    const consumer = centres.process(centre);
    for (const message of await centres.takeMessages(centre))
      await consumer.apply(message, ask.relayBy(consumer));
  }
  const steps = makeSteps();
  steps.fail(/^search:backup\.put$/, 'before');
  const relay = centres.process('A', { steps });
  for (let round = 0; round < 3; round++) {
    await centres.age();
    await centres.replicasFollow();
    await relay.relay.tick(ask.relayBy(relay));
  }
  expect(await outboxRows(), 'both rows are there still').toBe(2);
  await outliveFences(centres);
  await expectFound(centres.process('B'), phone, member);
  await checkAtRest(centres, [memberId], [phone]);
});

test('four relays at once, with writes among them, leave everything at rest', async () => {
  const phones = Array.from({ length: 40 }, ask.freshPhone);
  await inParallel(phones.slice(0, 20), (phone) => leftBehind([phone]));
  const relays = (['A', 'A', 'B', 'B'] as const).map((centre) => centres.process(centre));
  let writing = true;
  const relaying = relays.map(async (at) => {
    while (writing || (await outboxRows()) > 0) {
      await centres.age();
      await at.relay.tick(ask.relayBy(at));
    }
  });
  const memberIds: string[] = [];
  await inParallel(phones.slice(20), async (phone) => {
    const { memberId } = ask.done(await ask.register(centres.process('B'), [phone])).receipt;
    ask.done(await ask.rename(centres.process('A'), memberId, 'Grace'));
    memberIds.push(memberId);
  });
  writing = false;
  await Promise.all(relaying);
  const { members } = await checkAtRest(centres, memberIds, phones);
  expect(members.length).toBe(40);
});

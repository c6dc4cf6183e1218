/**
 * I4: the races between who reads, who writes and who fills, driven round trip by round trip. Whatever stood still
 * where, a read that begins after the write was acknowledged answers it, as `fresh`, in both centres.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import type { WriteOutcome } from '../../functions/core/member/outcomes.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { checkAtRest, drain, expectFound, inParallel, outliveFences } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const both: readonly CentreName[] = ['A', 'B'];

const lookUp = (at: Process, identifier: Identifier) => at.reader.lookUp(identifier, ask.readBy(at));

describe.each(both)('in centre %s', (centre) => {
  test('write-back during the update: a reader that loaded the old value does not fill it after the fence', async () => {
    const phone = ask.freshPhone();
    const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
    await drain(centres);
    await outliveFences(centres);
    const steps = makeSteps();
    const beforeFill = steps.pause(/^redis-.*\.fill$/, 'before');
    const reading = lookUp(centres.process(centre, { steps }), phone);
    await beforeFill.reached;
    const { member } = ask.done(await ask.rename(centres.process('A'), memberId, 'Grace'));

    beforeFill.resume();
    expect(await reading).toMatchObject({ kind: 'member', member: { name: 'Ada' } });
    for (const at of both) await expectFound(centres.process(at), phone, member);
    await checkAtRest(centres, [memberId], [phone]);
  });

  test('write-back after the update: nor when it wakes up after the fence has ended', async () => {
    const phone = ask.freshPhone();
    const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
    await drain(centres);
    await outliveFences(centres);
    const steps = makeSteps();
    const beforeFill = steps.pause(/^redis-.*\.fill$/, 'before');
    const reading = lookUp(centres.process(centre, { steps }), phone);
    await beforeFill.reached;
    const { member } = ask.done(await ask.rename(centres.process('A'), memberId, 'Grace'));
    await drain(centres);
    await outliveFences(centres);

    beforeFill.resume();
    await reading;
    for (const at of both) await expectFound(centres.process(at), phone, member);
    await checkAtRest(centres, [memberId], [phone]);
  });

  test('fill after fence: who gets the lease after the fence passes over every source that knows less', async () => {
    const phone = ask.freshPhone();
    const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
    await drain(centres);
    await centres.holdReplicas();
    try {
      const writing = makeSteps();
      const beforePut = writing.pause(/^search:.*\.put$/, 'before');
      const renaming = ask.rename(centres.process('A', { steps: writing }), memberId, 'Grace');
      await beforePut.reached;
      await fenced(memberId);
      const steps = makeSteps();
      const reader = centres.process(centre, { steps });
      const answer = await lookUp(reader, phone);
      expect(answer).toMatchObject({
        kind: 'member',
        member: { name: 'Grace' },
        source: 'writer',
        freshness: 'fresh',
      });
      expect(steps.count(/^search:.*\.members$/), 'it asked the sources that know less').toBe(2);
      expect(await lookUp(reader, phone)).toMatchObject({ source: 'cache', member: { name: 'Grace' } });

      beforePut.resume();
      ask.done(await renaming);
    } finally {
      await centres.releaseReplicas();
    }
    await checkAtRest(centres, [memberId], [phone]);
  });
});

/** Every Redis has the fence of a write that stands still elsewhere: asked for, until it has. */
async function fenced(memberId: string): Promise<void> {
  const caches = [...Object.values(centres.caches.A), ...Object.values(centres.caches.B)];
  const at = centres.process('A');
  for (let look = 0; look < 5_000; look++) {
    const pages = await Promise.all(caches.map((cache) => cache.openFences('0', ask.relayBy(at))));
    const found = pages.flatMap(({ fences }) => fences).filter((fence) => fence.memberId === memberId);
    if (found.length === 4) return;
  }
  throw new Error('it was never fenced');
}

test('delete against write: what an update still has to do changes nothing once the member is cancelled', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const steps = makeSteps();
  const beforePut = steps.pause(/^search:.*\.put$/, 'before');
  const beforeFence = steps.pause(/^redis-b-.*\.fence$/, 'before');
  const renaming = ask.rename(centres.process('A', { steps }), memberId, 'Grace');
  await Promise.all([beforePut.reached, beforeFence.reached]);
  ask.done(await ask.cancel(centres.process('B'), memberId));
  for (const at of both) await expectFound(centres.process(at), phone, undefined);

  beforePut.resume();
  beforeFence.resume();
  ask.done(await renaming);
  for (const at of both) {
    const process = centres.process(at);
    await expectFound(process, phone, undefined);
    expect(await process.reader.member(memberId, ask.readBy(process))).toMatchObject({ kind: 'nobody' });
  }
  for (const centre of both) {
    for (const message of (await centres.takeMessages(centre)).reverse()) {
      const consumer = centres.process(centre);
      await consumer.apply(message, ask.relayBy(consumer));
    }
  }
  const { members } = await checkAtRest(centres, [memberId], [phone]);
  expect(members).toMatchObject([{ status: 'cancelled', name: '', holdings: [] }]);
});

interface Write {
  readonly make: (at: Process, memberId: string) => Promise<WriteOutcome>;
  readonly finds: (after: Member) => Member | undefined;
}
const writes: Readonly<Record<string, Write>> = {
  renamed: { make: (at, memberId) => ask.rename(at, memberId, 'Grace'), finds: (after) => after },
  unbound: { make: (at, memberId) => ask.unbind(at, memberId, 'phone'), finds: () => undefined },
  cancelled: { make: (at, memberId) => ask.cancel(at, memberId), finds: () => undefined },
};

describe.each(Object.entries(writes))('a member that is %s', (_, { make, finds }) => {
  const prepare = async () => {
    const phone = ask.freshPhone();
    const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
    return { phone, memberId };
  };

  test.each(both)('while a read in %s stands anywhere', async (centre) => {
    const firstSteps = makeSteps();
    const first = await prepare();
    await lookUp(centres.process(centre, { steps: firstSteps }), first.phone);
    const places = firstSteps.made.map((_, index) => index + 1);
    expect(places.length).toBeGreaterThan(4);
    const seen: { phone: Identifier; memberId: string }[] = [];
    await inParallel(
      places.flatMap((number) => [
        { number, side: 'before' as const },
        { number, side: 'after' as const },
      ]),
      async ({ number, side }) => {
        const { phone, memberId } = await prepare();
        const steps = makeSteps();
        const pause = steps.pause(number, side);
        const reading = lookUp(centres.process(centre, { steps }), phone);
        await Promise.race([pause.reached, reading]);
        const { member } = ask.done(await make(centres.process('A'), memberId));
        pause.resume();
        await reading;
        for (const at of both) await expectFound(centres.process(at), phone, finds(member));
        seen.push({ phone, memberId });
      },
    );
    await checkAtRest(
      centres,
      seen.map(({ memberId }) => memberId),
      seen.map(({ phone }) => phone),
    );
  });

  test('while reads pass wherever the write stands', async () => {
    const firstSteps = makeSteps();
    ask.done(await make(centres.process('A', { steps: firstSteps }), (await prepare()).memberId));
    const places = firstSteps.made.map((_, index) => index + 1);
    const seen: { phone: Identifier; memberId: string }[] = [];
    await inParallel(places, async (number) => {
      const { phone, memberId } = await prepare();
      const steps = makeSteps();
      const pause = steps.pause(number, 'before');
      const writing = make(centres.process('A', { steps }), memberId);
      await Promise.race([pause.reached, writing]);
      for (const at of both) await lookUp(centres.process(at), phone);
      pause.resume();
      const { member } = ask.done(await writing);
      for (const at of both) await expectFound(centres.process(at), phone, finds(member));
      seen.push({ phone, memberId });
    });
    await checkAtRest(
      centres,
      seen.map(({ memberId }) => memberId),
      seen.map(({ phone }) => phone),
    );
  });
});

/** Keys are rotated while everything goes on: one owner, found at every moment, and nothing left under an old key. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyVersionOf } from '../../functions/core/directory/directory.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import { keyIdOf } from '../../functions/core/member/ports.ts';
import { drain, expectFound } from './at-rest.ts';
import { type Centres, cryptoOf, type Keys, makeCentres, sealer, standingClock } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps, type Steps } from './steps.ts';

/** The keyrings in the order in which they are deployed. Neighbours run side by side. */
const rings = {
  old: { identifiers: ['1'], sealing: ['1'] },
  prepared: { identifiers: ['1'], sealing: ['1', '2'] },
  both: { identifiers: ['2', '1'], sealing: ['2', '1'] },
  fresh: { identifiers: ['2'], sealing: ['2'] },
} as const satisfies Record<string, Keys>;
const { old, prepared, both, fresh } = rings;

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

/** A process that rotates keys: while it waits, the relays go on. */
const operator = (keys: Keys, steps: Steps = makeSteps()) =>
  centres.process('A', { keys, steps, clock: standingClock(() => drain(centres)) });

const rotate = (keys: Keys, memberIds: readonly string[]) => operator(keys).rotate(memberIds);

async function memberOf(memberId: string): Promise<{ member: Member; sealedWith: string }> {
  const at = centres.process('A');
  const stored = await at.writerSource.member(memberId, ask.readBy(at));
  if (!stored) throw new Error(`no ${memberId}`);
  return { member: sealer.open(stored), sealedWith: keyIdOf(stored.sealed) };
}

const versionsHeld = ({ holdings }: Member) => holdings.map(({ key }) => keyVersionOf(key)).sort();
const keysOf = (keys: Keys, identifier: Identifier) => cryptoOf(keys).hasher.keysOf(identifier);

async function expectFoundBy(
  keyrings: readonly Keys[],
  identifiers: readonly Identifier[],
  memberId: string,
) {
  const { member } = await memberOf(memberId);
  for (const keys of keyrings) {
    for (const centre of ['A', 'B'] as const) {
      for (const identifier of identifiers)
        await expectFound(centres.process(centre, { keys }), identifier, member);
    }
  }
}

describe.each([
  ['the old key alone, and both', prepared, { ...both, sealing: prepared.sealing }],
  ['both keys, and the new one alone', both, { ...fresh, sealing: both.sealing }],
])('processes that know %s', (_, one, other) => {
  test('race for one phone: one wins', async () => {
    const phone = ask.freshPhone();
    const racers = Array.from({ length: 12 }, (_, index) =>
      centres.process(index % 4 < 2 ? 'A' : 'B', { keys: index % 2 === 0 ? one : other }),
    );
    const outcomes = await Promise.all(racers.map((at) => ask.register(at, [phone, ask.freshAccount()])));
    const winners = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? [outcome.member] : []));
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes.filter(({ kind }) => kind === 'identifier-bound'))
      expect(outcome).toMatchObject({ fields: ['phone'] });
    await drain(centres);
    await expectFoundBy([one, other], [phone], winners[0]?.memberId ?? '');
  });

  test('free what the other has bound, in one step', async () => {
    const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
    for (const [binder, freer] of [
      [one, other],
      [other, one],
    ]) {
      const { memberId } = ask.done(
        await ask.register(centres.process('A', { keys: binder as Keys }), [phone, account]),
      ).receipt;
      const at = centres.process('B', { keys: freer as Keys });
      ask.done(await ask.unbind(at, memberId, 'phone'));
      expect(
        (await memberOf(memberId)).member.holdings.map(({ identifier }) => fieldOf(identifier)),
      ).not.toContain('phone');
      ask.done(await ask.cancel(at, memberId));
      expect((await memberOf(memberId)).member.holdings).toEqual([]);
      for (const keys of [one, other]) {
        for (const identifier of [phone, account])
          await expectFound(centres.process('A', { keys }), identifier, undefined);
      }
    }
  });
});

test('a member is found before, between and after; in the end nothing is left under the old keys', async () => {
  const identifiers = [ask.freshPhone(), ask.freshCardNo(), ask.freshAccount()];
  const { memberId } = ask.done(await ask.register(centres.process('A', { keys: old }), identifiers)).receipt;
  const gone = ask.done(await ask.register(centres.process('A', { keys: old }), [ask.freshPhone()])).receipt;
  ask.done(await ask.cancel(centres.process('A', { keys: old }), gone.memberId));
  const before = (await memberOf(memberId)).member;
  await expectFoundBy([old, prepared, both], identifiers, memberId);

  const report = await rotate(both, [memberId, gone.memberId]);
  expect(report).toMatchObject({ isDone: true, passes: [{ step: 'take', seen: 2, refreshed: 2 }] });
  const between = await memberOf(memberId);
  expect(between.sealedWith).toBe('2');
  expect(versionsHeld(between.member)).toEqual(['1', '1', '1', '2', '2', '2']);
  await expectFoundBy([both, { ...old, sealing: both.sealing }, fresh], identifiers, memberId);
  expect((await rotate(both, [memberId, gone.memberId])).passes).toMatchObject([{ seen: 2, refreshed: 0 }]);

  const last = await rotate(fresh, [memberId, gone.memberId]);
  expect(last).toMatchObject({ isDone: true, passes: [{ refreshed: 0 }, { step: 'free', refreshed: 1 }] });
  const after = (await memberOf(memberId)).member;
  expect(versionsHeld(after)).toEqual(['2', '2', '2']);
  await expectFoundBy([both, fresh], identifiers, memberId);
  const seen = ({ version, holdings, ...rest }: Member) => ({
    ...rest,
    identifiers: holdings.map(({ identifier }) => JSON.stringify(identifier)).sort(),
  });
  expect(seen(after)).toEqual(seen(before));
  expect(await memberOf(gone.memberId)).toMatchObject({ sealedWith: '2', member: { status: 'cancelled' } });

  const observer = centres.process('A');
  for (const identifier of identifiers) {
    const [dropped = ''] = keysOf(old, identifier);
    for (const source of [observer.writerSource, ...Object.values(centres.search)])
      expect(await source.identifier(dropped, ask.readBy(observer))).toMatchObject({ state: 'free' });
  }
  for (const source of Object.values(centres.search)) {
    for (const one of [memberId, gone.memberId])
      expect(keyIdOf((await source.member(one, ask.readBy(observer)))?.sealed ?? '')).toBe('2');
  }
});

test('a lookup that is overtaken by the whole rotation, anywhere on its way, misses nobody', async () => {
  for (let number = 1; ; number++) {
    const phone = ask.freshPhone();
    const { memberId } = ask.done(await ask.register(centres.process('A', { keys: old }), [phone])).receipt;
    await drain(centres);
    const steps = makeSteps();
    const pause = steps.pause(number, 'after');
    const at = centres.process('B', { keys: both, steps });
    const looking = at.reader.lookUp(phone, ask.readBy(at));
    const isPast = await Promise.race([pause.reached.then(() => false), looking.then(() => true)]);
    if (isPast) {
      expect(number).toBeGreaterThan(3);
      return;
    }
    expect((await rotate(both, [memberId])).isDone).toBe(true);
    expect((await rotate(fresh, [memberId])).isDone).toBe(true);
    pause.resume();
    expect(await looking, `overtaken after round trip ${number}`).toMatchObject({ kind: 'member' });
  }
});

test('killed anywhere and run again, it ends clean', async () => {
  let kills = 0;
  for (const keys of [both, fresh]) {
    const identifiers = [ask.freshPhone(), ask.freshAccount()];
    for (let number = 1; ; number += 3) {
      const registered = await ask.register(
        centres.process('A', { keys: keys === both ? old : both }),
        identifiers,
      );
      const { memberId } = ask.done(registered).receipt;
      await drain(centres);
      const steps = makeSteps();
      steps.crashAt(number, number % 2 === 1 ? 'before' : 'after');
      const rotating = operator(keys, steps).rotate([memberId]);
      const isOver = await Promise.race([steps.crashed.then(() => false), rotating.then(() => true)]);
      if (isOver) break;
      kills++;
      await centres.expireClaims(identifiers.flatMap((identifier) => keysOf(both, identifier)));
      expect((await rotate(keys, [memberId])).isDone, `killed at round trip ${number}`).toBe(true);
      const { member, sealedWith } = await memberOf(memberId);
      expect(sealedWith).toBe('2');
      expect(versionsHeld(member)).toEqual(keys === both ? ['1', '1', '2', '2'] : ['2', '2']);
      await expectFoundBy([both, fresh], identifiers, memberId);
      ask.done(await ask.cancel(centres.process('A', { keys }), memberId));
      await drain(centres);
    }
  }
  expect(kills).toBeGreaterThan(10);
});

test('an update at the same time is not lost, nor is the rotation', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(
    await ask.register(centres.process('A', { keys: prepared }), [phone]),
  ).receipt;
  const steps = makeSteps();
  const beforeCommit = steps.pause(/^members\.commit$/, 'before');
  const rotating = operator(both, steps).rotate([memberId]);
  await beforeCommit.reached;
  const renamed = ask.done(await ask.rename(centres.process('B', { keys: prepared }), memberId, 'Later'));
  beforeCommit.resume();
  expect((await rotating).isDone).toBe(true);
  const { member, sealedWith } = await memberOf(memberId);
  expect(member).toMatchObject({ name: 'Later', updatedAt: renamed.member.updatedAt });
  expect([sealedWith, ...versionsHeld(member)]).toEqual(['2', '1', '2']);
});

test('a repeat of a request under the new keyring gets its receipt', async () => {
  const [phone, request] = [ask.freshPhone(), ask.freshRequest()];
  const first = ask.done(await ask.register(centres.process('A', { keys: old }), [phone], request));
  expect((await rotate(both, [first.receipt.memberId])).isDone).toBe(true);
  const again = ask.done(await ask.register(centres.process('B', { keys: both }), [phone], request));
  expect(again.receipt).toEqual(first.receipt);
});

test('who took an identifier under the new key too early is told, not robbed', async () => {
  const phone = ask.freshPhone();
  const first = ask.done(await ask.register(centres.process('A', { keys: old }), [phone])).receipt;
  const tooEarly = { ...fresh, sealing: ['1'] };
  const second = ask.done(await ask.register(centres.process('A', { keys: tooEarly }), [phone])).receipt;
  const report = await rotate({ ...both, sealing: ['1'] }, [first.memberId]);
  expect(report.isDone).toBe(false);
  expect(report.passes[0]?.left).toEqual([{ memberId: first.memberId, why: 'identifier-bound' }]);
  expect((await memberOf(second.memberId)).member.holdings).toHaveLength(1);
});

test('a member whose sealing key is gone is left and named', async () => {
  const { memberId } = ask.done(await ask.register(centres.process('A', { keys: old }), [])).receipt;
  const report = await rotate(fresh, [memberId]);
  expect(report).toMatchObject({ isDone: false, passes: [{ left: [{ memberId, why: 'seal-broken' }] }] });
});

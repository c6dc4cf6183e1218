/** I1: however many fight over the same identifiers, from both centres, and however late some of them wake up. */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { checkAtRest, inParallel } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const oneOf = <T>(items: readonly T[]): T => items[randomInt(items.length)] as T;

/** One wish of a caller: asked again under the same key, here and there, until there is an answer. */
async function untilAnswered(
  wish: (at: Process, request: WriteRequest) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  const request = ask.freshRequest();
  for (let attempt = 0; attempt < 20; attempt++) {
    const steps = makeSteps();
    if (attempt === 0 && randomInt(8) === 0)
      steps.crashAt(1 + randomInt(14), oneOf(['before', 'after'] as const));
    const at = centres.process(oneOf(['A', 'B'] as const), { steps, clock: wallClock });
    const outcome = await Promise.race([steps.crashed.then(() => null), wish(at, request)]).catch((error) => {
      if (error instanceof DependencyUnavailable) return null;
      throw error;
    });
    if (outcome !== null && outcome.kind !== 'unavailable') return outcome;
    if (outcome !== null && outcome.reason === 'identifier-busy') return outcome;
  }
  throw new Error('never answered');
}

test('hundreds of registrations and bindings over the same few identifiers leave each with one owner', async () => {
  const phones = Array.from({ length: 4 }, ask.freshPhone);
  const accounts = Array.from({ length: 4 }, () => ask.freshAccount());
  const cardNos = Array.from({ length: 3 }, ask.freshCardNo);
  const memberIds: string[] = [];
  const cancelled = new Set<string>();
  /** What was acknowledged as taken, and what as freed, by member and identifier. */
  const [taken, freed, kinds] = [new Set<string>(), new Set<string>(), new Map<string, number>()];
  const name = (memberId: string, identifier: Identifier) => `${memberId} ${ask.keyOf(identifier)}`;

  const work = async (): Promise<void> => {
    const wanted = [oneOf(phones), oneOf(accounts), oneOf(cardNos)].slice(randomInt(2));
    const active = memberIds.filter((one) => !cancelled.has(one));
    const memberId = active.length > 0 ? oneOf(active) : undefined;
    const what = memberId
      ? // Seldom cancelled: what all others want of that member afterwards is refused at once.
        randomInt(40) === 0
        ? 'cancel'
        : oneOf(['register', 'bind', 'bind', 'unbind', 'unbind'] as const)
      : 'register';
    const bound = oneOf(wanted);
    const outcome = await untilAnswered((at, request) => {
      if (!memberId || what === 'register') return ask.register(at, wanted, request);
      if (what === 'bind') return ask.bind(at, memberId, bound, request);
      if (what === 'unbind') return ask.unbind(at, memberId, fieldOf(bound), request);
      return ask.cancel(at, memberId, request);
    });
    const kind = outcome.kind === 'unavailable' ? outcome.reason : outcome.kind;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (outcome.kind !== 'done') return;
    const mine = outcome.receipt.memberId;
    if (what === 'register') memberIds.push(mine);
    if (what === 'cancel') cancelled.add(mine);
    if (what === 'register') for (const identifier of wanted) taken.add(name(mine, identifier));
    if (what === 'bind') taken.add(name(mine, bound));
    if (what === 'unbind' || what === 'cancel') {
      for (const identifier of [...phones, ...accounts, ...cardNos]) {
        if (what === 'cancel' || fieldOf(identifier) === fieldOf(bound)) freed.add(name(mine, identifier));
      }
    }
  };
  await inParallel(
    Array.from({ length: 400 }, (_, index) => index),
    work,
    24,
  );

  const identifiers = [...phones, ...accounts, ...cardNos];
  await centres.expireClaims(identifiers.map(ask.keyOf));
  const { members } = await checkAtRest(centres, memberIds, identifiers);
  const held = new Set(
    members.flatMap(({ memberId, holdings }) => holdings.map(({ key }) => `${memberId} ${key}`)),
  );
  for (const one of taken)
    expect(held.has(one) || freed.has(one), `${one} is held, or was let go`).toBe(true);
  for (const one of held) expect(taken.has(one), `${one} was acknowledged`).toBe(true);
  expect(kinds.get('done')).toBeGreaterThan(30);
  expect(kinds.get('identifier-bound')).toBeGreaterThan(30);
  const known = ['done', 'identifier-bound', 'identifier-busy', 'no-such-member', 'not-bound'];
  expect([...kinds.keys()].filter((kind) => !known.includes(kind))).toEqual([]);
});

test('a claim that was voided never commits, however late its process wakes up', async () => {
  const phone = ask.freshPhone();
  const late = await ask.registerUntil(/^members\.commit$/, (steps) => centres.process('A', { steps }), [
    phone,
  ]);
  await centres.expireClaims([ask.keyOf(phone)]);
  const { receipt } = ask.done(await ask.register(centres.process('B'), [phone]));

  expect(await late.resume()).toEqual({ kind: 'identifier-bound', fields: ['phone'] });
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('a claim that looks stale but has committed is a binding', async () => {
  const phone = ask.freshPhone();
  const late = await ask.registerUntil(/^directory\.settle$/, (steps) => centres.process('A', { steps }), [
    phone,
  ]);
  await centres.expireClaims([ask.keyOf(phone)]);
  expect((await ask.register(centres.process('B'), [phone])).kind).toBe('identifier-bound');

  const { receipt } = ask.done(await late.resume());
  const { ownerOf } = await checkAtRest(centres, [receipt.memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(receipt.memberId);
});

test('a takeover that was decided upon what no longer stands takes nothing', async () => {
  const phone = ask.freshPhone();
  const former = ask.done(await ask.register(centres.process('A'), [phone])).receipt.memberId;
  const unbinding = makeSteps();
  unbinding.fail(/^directory\.settle$/, 'before');
  ask.done(await ask.unbind(centres.process('A', { steps: unbinding }), former, 'phone'));
  const steps = makeSteps();
  const beforeTaking = steps.pause(/^directory\.takeOver$/, 'before');
  const late = ask.register(centres.process('B', { steps }), [phone]);
  await beforeTaking.reached;
  const { receipt } = ask.done(await ask.bind(centres.process('A'), former, phone));

  beforeTaking.resume();
  expect((await late).kind).toBe('identifier-bound');
  const { ownerOf } = await checkAtRest(centres, [former], [phone]);
  expect(ownerOf(phone)).toMatchObject({ memberId: former, version: receipt.version });
});

test('a late freeing does not free the same member’s next binding', async () => {
  const phone = ask.freshPhone();
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone])).receipt;
  const steps = makeSteps();
  const beforeFreeing = steps.pause(/^directory\.settle$/, 'before');
  const unbinding = ask.unbind(centres.process('A', { steps }), memberId, 'phone');
  await beforeFreeing.reached;
  const relaying = centres.process('A');
  await centres.age();
  await relaying.relay.tick(ask.relayBy(relaying));
  ask.done(await ask.bind(centres.process('B'), memberId, phone));

  beforeFreeing.resume();
  ask.done(await unbinding);
  const other = await ask.register(centres.process('A'), [phone]);
  expect(other.kind).toBe('identifier-bound');
  const { ownerOf } = await checkAtRest(centres, [memberId], [phone]);
  expect(ownerOf(phone)?.memberId).toBe(memberId);
});

test('a late binding does not raise a row that was freed since', async () => {
  const phone = ask.freshPhone();
  const late = await ask.registerUntil(/^directory\.settle$/, (steps) => centres.process('A', { steps }), [
    phone,
  ]);
  const observer = centres.process('B');
  const row = await observer.writerSource.identifier(ask.keyOf(phone), ask.readBy(observer));
  const { memberId } = ask.done(await ask.unbind(observer, row?.memberId ?? '', 'phone')).receipt;

  ask.done(await late.resume());
  const after = await observer.writerSource.identifier(ask.keyOf(phone), ask.readBy(observer));
  expect(after?.state).toBe('free');
  await checkAtRest(centres, [memberId], [phone]);
});

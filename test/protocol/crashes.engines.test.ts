/**
 * Crashes at every step. The first run of a request counts its round trips; then it is run anew for each of them, with a
 * crash before it and one after it. Another process, in the other centre, repeats the request, and is answered with one
 * and the same receipt however often it asks; or somebody else takes what was asked for. What is left is the relay's.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { WriteOutcome, WriteRequest } from '../../functions/core/member/outcomes.ts';
import { checkAtRest, inParallel } from './at-rest.ts';
import { type Centres, makeCentres, type Process } from './centres.ts';
import {
  bind,
  cancel,
  done,
  freshAccount,
  freshCardNo,
  freshPhone,
  freshRequest,
  keyOf,
  register,
  relayBy,
  unbind,
} from './requests.ts';
import { makeSteps, type Side } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

/** One request, prepared anew for each run. */
interface Scene {
  readonly identifiers: readonly Identifier[];
  readonly memberIds: readonly string[];
  request(at: Process, request: WriteRequest): Promise<WriteOutcome>;
}

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  async registering() {
    const identifiers = [freshPhone(), freshCardNo(), freshAccount()];
    return { identifiers, memberIds: [], request: (at, request) => register(at, identifiers, request) };
  },
  async binding() {
    const [phone, account] = [freshPhone(), freshAccount()];
    const { memberId } = done(await register(centres.process('A'), [phone])).member;
    const request: Scene['request'] = (at, request) => bind(at, memberId, account, request);
    return { identifiers: [phone, account], memberIds: [memberId], request };
  },
  async unbinding() {
    const [phone, account] = [freshPhone(), freshAccount()];
    const { memberId } = done(await register(centres.process('A'), [phone, account])).member;
    const request: Scene['request'] = (at, request) => unbind(at, memberId, 'account:tongcheng-app', request);
    return { identifiers: [phone, account], memberIds: [memberId], request };
  },
  async cancelling() {
    const identifiers = [freshPhone(), freshAccount()];
    const { memberId } = done(await register(centres.process('A'), identifiers)).member;
    return { identifiers, memberIds: [memberId], request: (at, request) => cancel(at, memberId, request) };
  },
  async 'taking over a claim that was left'() {
    const [phone, account] = [freshPhone(), freshAccount()];
    const claimer = await crashOnceIn('A', /^members\.commit$/, (at) => register(at, [account]));
    const { memberId } = done(await register(centres.process('A'), [phone])).member;
    await centres.expireClaims([keyOf(account)]);
    expect(claimer).toBe('crashed');
    const request: Scene['request'] = (at, request) => bind(at, memberId, account, request);
    return { identifiers: [phone, account], memberIds: [memberId], request };
  },
  async 'taking over a binding that its member has let go'() {
    const account = freshAccount();
    const { memberId: former } = done(await register(centres.process('A'), [freshPhone(), account])).member;
    const steps = makeSteps();
    steps.fail(/^directory\.settle$/, 'before');
    done(await unbind(centres.process('A', { steps }), former, 'account:tongcheng-app'));
    const { memberId } = done(await register(centres.process('A'), [freshPhone()])).member;
    const request: Scene['request'] = (at, request) => bind(at, memberId, account, request);
    return { identifiers: [account], memberIds: [former, memberId], request };
  },
};

/** A process that ends before its first call of that name. */
async function crashOnceIn(
  centre: 'A' | 'B',
  name: RegExp,
  write: (at: Process) => Promise<WriteOutcome>,
): Promise<'crashed' | WriteOutcome> {
  const steps = makeSteps();
  const pause = steps.pause(name, 'before');
  const outcome = write(centres.process(centre, { steps }));
  return Promise.race([pause.reached.then(() => 'crashed' as const), outcome]);
}

/** What a dead process let go is free once the relay has told the other centre's journal of it. */
async function registerNext(identifier: Identifier): Promise<WriteOutcome> {
  const first = await register(centres.process('B'), [identifier]);
  if (first.kind !== 'unavailable') return first;
  const relaying = centres.process('A');
  await centres.age();
  await relaying.relay.tick(relayBy(relaying));
  return register(centres.process('B'), [identifier]);
}

async function roundTripsOf({ request }: Scene): Promise<readonly string[]> {
  const steps = makeSteps();
  done(await request(centres.process('A', { steps }), freshRequest()));
  return [...steps.made];
}

/** Runs the scene with a crash at its `number`th round trip. */
async function crashAt(number: number, side: Side, { request, identifiers }: Scene, asked: WriteRequest) {
  const steps = makeSteps();
  steps.crashAt(number, side);
  const outcome = request(centres.process('A', { steps }), asked);
  const first = await Promise.race([steps.crashed.then(() => null), outcome]);
  await centres.expireClaims(identifiers.map(keyOf));
  return { first, at: steps.made[number - 1] };
}

/** Each place where the scene's process may die. */
async function placesIn(prepare: () => Promise<Scene>) {
  const names = await roundTripsOf(await prepare());
  expect(names.length).toBeGreaterThan(5);
  return names.flatMap((_, index) => [
    { number: index + 1, side: 'before' as const },
    { number: index + 1, side: 'after' as const },
  ]);
}

describe.each(Object.entries(scenes))('a process that dies while %s', (_, prepare) => {
  test('leaves a request that can be repeated, and is done once', async () => {
    const identifiers: Identifier[] = [];
    const versions = new Map<string, number>();
    const memberIds: string[] = [];
    await inParallel(await placesIn(prepare), async ({ number, side }) => {
      const scene = await prepare();
      const asked = freshRequest();
      const { first, at } = await crashAt(number, side, scene, asked);
      const again = done(await scene.request(centres.process('B'), asked));
      const onceMore = done(await scene.request(centres.process('A'), asked));
      const said = `the receipt after a crash ${side} ${number}, ${at}`;
      if (first) expect(done(first).receipt, said).toEqual(again.receipt);
      expect(onceMore.receipt, said).toEqual(again.receipt);
      versions.set(again.receipt.memberId, again.receipt.version);
      identifiers.push(...scene.identifiers);
      memberIds.push(...scene.memberIds, again.receipt.memberId);
    });
    const { members } = await checkAtRest(centres, memberIds, identifiers);
    for (const { memberId, version } of members) {
      const receipt = versions.get(memberId);
      if (receipt) expect(version, `the change of ${memberId} came once`).toBe(receipt);
    }
  });

  test('leaves identifiers to whoever asks for them next, unless it had committed', async () => {
    const identifiers: Identifier[] = [];
    const memberIds: string[] = [];
    const outcomes: string[] = [];
    await inParallel(await placesIn(prepare), async ({ number, side }) => {
      const scene = await prepare();
      await crashAt(number, side, scene, freshRequest());
      for (const identifier of scene.identifiers) {
        const next = await registerNext(identifier);
        outcomes.push(next.kind);
        if (next.kind === 'done') memberIds.push(next.receipt.memberId);
      }
      identifiers.push(...scene.identifiers);
      memberIds.push(...scene.memberIds);
    });
    expect(new Set(outcomes)).toEqual(new Set(['done', 'identifier-bound']));
    await checkAtRest(centres, memberIds, identifiers);
  });
});

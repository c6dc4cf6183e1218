/**
 * A Redis that comes up empty has lost its fences. Until every source shows what was written before, nothing is cached
 * in it, and nothing old is called fresh.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { type Engines, startEngines } from '../../scripts/local/engines.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { ownPlace } from '../own-place.ts';
import { checkAtRest, drain } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import { cacheNames } from './engines-in-use.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

const own = 'redis-b-0';
/** A Redis of its own, to be killed. */
const place = ownPlace('protocol', 5800);
let engines: Engines;
let centres: Centres;
beforeAll(async () => {
  mkdirSync(place.directory, { recursive: true });
  engines = await startEngines({ directory: place.directory, basePort: place.basePort, parts: [own] });
  centres = await makeCentres({ redisUrls: { [own]: engines.endpoints[own] } });
});
beforeEach(() => centres.reset());
afterAll(async () => {
  await centres?.end();
  await engines?.stop();
  rmSync(place.directory, { recursive: true, force: true });
});

const soon = () => deadlineAfter(wallClock, 20_000);

/** A member whose own key lives in that Redis. */
async function registeredThere() {
  for (;;) {
    const phone = ask.freshPhone();
    const { member } = ask.done(await ask.register(centres.process('A'), [phone]));
    if (pick(cacheNames.B, cacheKeyOfMember(member.memberId)) === own) return { phone, member };
  }
}

async function restartEmpty(): Promise<void> {
  await engines.engine(own).kill();
  await engines.engine(own).start();
}

const readiness = () => centres.caches.B[own]?.readiness(soon());

test('nothing old is fresh, nobody gets a lease, and it is ready when every source shows the snapshot', async () => {
  const { phone, member } = await registeredThere();
  await drain(centres);
  const b = centres.process('B');
  const read = () => b.reader.member(member.memberId, ask.readBy(b));
  for (let turn = 0; turn < 2; turn++)
    expect(await read()).toMatchObject({ member: { name: 'Ada' }, freshness: 'fresh' });
  await centres.holdReplicas();
  try {
    ask.done(await ask.rename(centres.process('A'), member.memberId, 'Grace'));
    await restartEmpty();
    expect(await read()).toMatchObject({ member: { name: 'Grace' }, freshness: 'fresh', source: 'writer' });
    const steps = makeSteps();
    steps.fail(/^writer c/, 'before');
    const cutOff = centres.process('B', { steps });
    const old = await cutOff.reader.member(member.memberId, ask.readBy(cutOff));
    expect(old).toMatchObject({ member: { name: 'Ada' }, freshness: 'stale', source: 'search:backup' });

    const tick = () => b.relay.tick(ask.relayBy(b));
    await tick();
    expect(await readiness()).toMatchObject({ kind: 'preparing' });
    await tick();
    expect(await readiness(), 'search and replicas of B do not show the change yet').toMatchObject({
      kind: 'preparing',
    });
    for (const message of await centres.takeMessages('B')) await b.apply(message, ask.relayBy(b));
    await tick();
    expect(await readiness(), 'the replicas do not').toMatchObject({ kind: 'preparing' });
    expect(await read()).toMatchObject({ member: { name: 'Grace' }, freshness: 'fresh', source: 'writer' });
    expect(await centres.redis(own).keys('[vl]:*')).toEqual([]);

    await centres.releaseReplicas();
    await centres.replicasFollow();
    for (const message of await centres.takeMessages('A')) await b.apply(message, ask.relayBy(b));
    await restartEmpty();
    await tick();
    expect(await readiness(), 'its nonce has gone with its memory').toMatchObject({ kind: 'preparing' });
    await drainOthers();
    await tick();
    expect(await readiness()).toMatchObject({ kind: 'ready' });
    await centres.grantCache(own);
    for (let turn = 0; turn < 2; turn++) {
      expect(await read()).toMatchObject({ member: { name: 'Grace' }, freshness: 'fresh' });
    }
    expect(await read()).toMatchObject({ source: 'cache' });
  } finally {
    await centres.releaseReplicas();
  }
  await checkAtRest(centres, [member.memberId], [phone]);
});

/** What A's relay does for the rows, without a round of B's. */
async function drainOthers(): Promise<void> {
  const a = centres.process('A');
  for (let round = 0; round < 2; round++) {
    await centres.age();
    await centres.replicasFollow();
    await a.relay.tick(ask.relayBy(a));
  }
}

test('a marker is not written for a snapshot that was taken before it came up empty', async () => {
  const { phone, member } = await registeredThere();
  await restartEmpty();
  const steps = makeSteps();
  const b = centres.process('B', { steps });
  await b.relay.tick(ask.relayBy(b));
  await drain(centres);
  await restartEmpty();
  const fresh = centres.process('B');
  await fresh.relay.tick(ask.relayBy(fresh));
  const before = await readiness();
  const beforeMarking = steps.pause(/^redis-b-0\.markReady$/, 'before');
  const ticking = b.relay.tick(ask.relayBy(b));
  await Promise.race([beforeMarking.reached, ticking]);
  await restartEmpty();
  beforeMarking.resume();
  await ticking;
  expect(steps.count(/^redis-b-0\.markReady$/)).toBe(1);
  expect(before).toMatchObject({ kind: 'preparing' });
  expect(await readiness()).not.toMatchObject({ kind: 'ready' });
  await checkAtRest(centres, [member.memberId], [phone]);
});

/**
 * A Redis that a write cannot fence, while readers still reach it. The write suspends it, waits its grant out once and
 * is acknowledged; later writes do not wait. It comes back emptied, and only if no write has relied on that meanwhile.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { pick } from '../../functions/core/cache/rendezvous.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { checkAtRest, drain } from './at-rest.ts';
import { type Centres, makeCentres, type Process, sharding, standingClock } from './centres.ts';
import { cacheNames } from './engines-in-use.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

const cutOff = 'redis-b-0';
const hourMs = 3_600_000;
let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

/** A member whose own key lives in that Redis, cached there. */
async function cachedThere() {
  for (;;) {
    const phone = ask.freshPhone();
    const { member } = ask.done(await ask.register(centres.process('A'), [phone]));
    if (pick(cacheNames.B, cacheKeyOfMember(member.memberId)) !== cutOff) continue;
    await drain(centres);
    for (let turn = 0; turn < 2; turn++) await readInB(member.memberId);
    expect(await readInB(member.memberId)).toMatchObject({ source: 'cache', freshness: 'fresh' });
    return { phone, member, cluster: sharding.clusterOf(member.memberId) };
  }
}

const readInB = (memberId: string, at: Process = centres.process('B')) =>
  at.reader.member(memberId, ask.readBy(at));

/** A process that cannot reach that Redis, whose clock moves when the test lets it sleep. */
function cutOffWriter() {
  const steps = makeSteps();
  const mend = steps.fail(/^redis-b-0\./, 'before');
  const slept: number[] = [];
  let [wake, tellSleeps] = [() => {}, () => {}];
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const sleeps = new Promise<void>((resolve) => {
    tellSleeps = resolve;
  });
  const clock = standingClock(async (ms) => {
    slept.push(ms);
    tellSleeps();
    await woken;
  });
  const at = centres.process('A', { steps, clock });
  const rename = (memberId: string, name: string) =>
    at.writer.update(memberId, { name }, null, ask.freshRequest(), deadlineAfter(clock, 2 * hourMs));
  return { rename, slept, sleeps, wake: () => wake(), steps, mend };
}

const suspensionIn = async (cluster: string) => {
  const sql = `SELECT suspended, relied_count AS count FROM control_${cluster}.redis_grant WHERE redis = ?`;
  return (await centres.admin.sql(sql, cutOff))[0];
};

test('the write waits the grant out once; later ones do not wait; nothing old is fresh after the receipt', async () => {
  const { phone, member, cluster } = await cachedThere();
  const { memberId } = member;
  const writer = cutOffWriter();
  let acknowledged = false;
  const renaming = writer.rename(memberId, 'Grace').then((outcome) => {
    acknowledged = true;
    return outcome;
  });
  await writer.sleeps;
  expect(writer.slept.length).toBe(1);
  expect(writer.slept[0]).toBeGreaterThan(hourMs - 120_000);
  expect(writer.slept[0]).toBeLessThanOrEqual(hourMs);
  expect(await readInB(memberId), 'in flight').toMatchObject({ member: { name: 'Ada' }, source: 'cache' });
  expect(acknowledged).toBe(false);
  expect(await suspensionIn(cluster)).toMatchObject({ suspended: 1, count: 1 });

  await centres.grantCache(cutOff, 0);
  writer.wake();
  ask.done(await renaming);
  expect(await readInB(memberId)).toMatchObject({ member: { name: 'Grace' }, freshness: 'fresh' });

  ask.done(await writer.rename(memberId, 'Joan'));
  expect(writer.slept.length, 'nobody waits twice').toBe(1);
  expect(await readInB(memberId)).toMatchObject({ member: { name: 'Joan' }, freshness: 'fresh' });
  await centres.openCache(cutOff);
  await centres.onControl('UPDATE control.redis_grant SET suspended = 0');
  await checkAtRest(centres, [memberId], [phone]);
});

test('a value that it kept is bounded by its grant’s age when the writer is away, and never fresh', async () => {
  const { phone, member } = await cachedThere();
  const writer = cutOffWriter();
  const renaming = writer.rename(member.memberId, 'Grace');
  await writer.sleeps;
  await centres.grantCache(cutOff, 0);
  writer.wake();
  ask.done(await renaming);

  const steps = makeSteps();
  steps.fail(/^writer c/, 'before');
  const answer = await readInB(member.memberId, centres.process('B', { steps }));
  expect(answer).toMatchObject({ member: { name: 'Ada' }, freshness: 'bounded', source: 'cache' });
  await centres.redis(cutOff).flushdb();
  await centres.openCache(cutOff);
  await centres.onControl('UPDATE control.redis_grant SET suspended = 0');
  await checkAtRest(centres, [member.memberId], [phone]);
});

test('it comes back emptied, and only if no write has relied on the suspension since', async () => {
  const { phone, member, cluster } = await cachedThere();
  await centres.grantCache(cutOff, 0);
  const writer = cutOffWriter();
  ask.done(await writer.rename(member.memberId, 'Grace'));
  expect(writer.slept).toEqual([]);
  await drainIn('A');

  const steps = makeSteps();
  const b = centres.process('B', { steps });
  const tick = () => b.relay.tick(ask.relayBy(b));
  await tick();
  expect(await centres.redis(cutOff).keys('v:*'), 'emptied').toEqual([]);
  expect(await suspensionIn(cluster)).toMatchObject({ suspended: 1, count: 1 });
  const beforeResuming = steps.pause(/^control\.resume$/, 'before');
  const isReached = beforeResuming.reached.then(() => true);
  let ticking = tick();
  for (let round = 0; round < 6 && !(await Promise.race([isReached, ticking.then(() => false)])); round++) {
    await drainIn('A');
    ticking = tick();
  }
  expect(await readiness()).toMatchObject({ kind: 'ready' });
  await centres.redis(cutOff).set('marked', 'before');
  ask.done(await writer.rename(member.memberId, 'Joan'));
  beforeResuming.resume();
  await ticking;
  expect(await suspensionIn(cluster), 'a write has relied on it meanwhile').toMatchObject({
    suspended: 1,
    count: 2,
  });

  for (let round = 0; round < 6; round++) {
    await drainIn('A');
    await tick();
  }
  expect(await suspensionIn(cluster)).toMatchObject({ suspended: 0, count: 2 });
  expect(await centres.redis(cutOff).exists('marked'), 'it was emptied once more').toBe(0);
  await centres.openCache(cutOff);
  expect(await readInB(member.memberId)).toMatchObject({ member: { name: 'Joan' }, freshness: 'fresh' });
  await checkAtRest(centres, [member.memberId], [phone]);
});

const readiness = () => centres.caches.B[cutOff]?.readiness(deadlineAfter(wallClock, 20_000));

/** What the relay of A does for the rows, some rounds of it. */
async function drainIn(centre: 'A'): Promise<void> {
  const at = centres.process(centre);
  for (let round = 0; round < 2; round++) {
    await centres.age();
    await centres.replicasFollow();
    await at.relay.tick(ask.relayBy(at));
  }
}

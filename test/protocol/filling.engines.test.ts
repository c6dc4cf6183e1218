/** The lease to fill a cache entry, between processes. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { leaseKey } from '../../functions/adapters/redis/keys.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { drain } from './at-rest.ts';
import { type Centres, makeCentres, type Process, standingClock } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const read = (at: Process, memberId: string) => at.reader.member(memberId, ask.readBy(at));

async function registered(): Promise<string> {
  const { memberId } = ask.done(await ask.register(centres.process('A'), [ask.freshPhone()])).receipt;
  await drain(centres);
  return memberId;
}

/** The lease of this member's entry has ended. */
async function endLease(memberId: string): Promise<void> {
  for (const name of Object.keys(centres.caches.B))
    await centres.redis(name).del(leaseKey(cacheKeyOfMember(memberId)));
}

test('a lease goes on to the next process, and who lost it does not fill', async () => {
  const memberId = await registered();
  const [first, second] = [makeSteps(), makeSteps()];
  const firstFill = first.pause(/\.fill$/, 'before');
  const firstRead = read(centres.process('B', { steps: first }), memberId);
  await firstFill.reached;
  await endLease(memberId);
  const secondFill = second.pause(/\.fill$/, 'before');
  const secondRead = read(centres.process('B', { steps: second }), memberId);
  await secondFill.reached;

  firstFill.resume();
  await firstRead;
  const onlooker = makeSteps();
  const during = await read(centres.process('B', { steps: onlooker }), memberId);
  expect(during).toMatchObject({ kind: 'member', source: 'search:backup' });
  expect(onlooker.count(/\.fill$/), 'the second process has the lease still').toBe(0);

  secondFill.resume();
  await secondRead;
  expect(await read(centres.process('B'), memberId)).toMatchObject({ source: 'cache', freshness: 'fresh' });
});

test('a process that dies with the lease holds nobody up for longer than the lease', async () => {
  const memberId = await registered();
  const dead = makeSteps();
  const pause = dead.pause(/^search:.*\.members$/, 'before');
  void read(centres.process('B', { steps: dead }), memberId);
  await pause.reached;
  expect(await read(centres.process('B'), memberId)).toMatchObject({
    kind: 'member',
    source: 'search:backup',
  });
  await endLease(memberId);
  expect(await read(centres.process('B'), memberId)).toMatchObject({
    kind: 'member',
    source: 'search:backup',
  });
  expect(await read(centres.process('B'), memberId)).toMatchObject({ kind: 'member', source: 'cache' });
});

test('of many readers in many processes, one loads a cold key and the others wait for it', async () => {
  const memberId = await registered();
  const readers = 24;
  let [sleeping, wake] = [0, () => {}];
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let tellAllSleep = (): void => {};
  const allSleep = new Promise<void>((resolve) => {
    tellAllSleep = resolve;
  });
  const clock = standingClock(async () => {
    sleeping++;
    if (sleeping === readers - 1) tellAllSleep();
    await woken;
  });
  const processes = Array.from({ length: 4 }, () => {
    const steps = makeSteps();
    return {
      steps,
      at: centres.process('B', { steps, clock }),
      load: steps.pause(/^search:.*\.members$/, 'before'),
    };
  });
  const answers = Array.from({ length: readers }, (_, index) => {
    const process = processes[index % processes.length]?.at as Process;
    return read(process, memberId);
  });
  await Promise.race(processes.map(({ load }) => load.reached));
  await allSleep;
  for (const { load } of processes) load.resume();
  const filler = await Promise.race(answers);
  expect(filler).toMatchObject({ source: 'search:backup', freshness: 'fresh' });
  wake();
  for (const answer of await Promise.all(answers))
    expect(answer).toMatchObject({ kind: 'member', freshness: 'fresh' });
  const loads = processes.map(({ steps }) => steps.count(/^(search:.*|replica.*|writer)\.members$/));
  expect(loads.reduce((sum, one) => sum + one, 0)).toBe(1);
});

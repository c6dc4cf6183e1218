import { describe, expect, test } from 'vitest';
import { makeMix } from '../../scripts/load/mix.ts';
import { makePopulation } from '../../scripts/load/population.ts';
import { type Occupied, registration } from '../../scripts/load/programs.ts';
import { seeded } from '../../scripts/load/random.ts';
import { makeRead } from '../../scripts/load/reads.ts';
import { makeRecord } from '../../scripts/load/record.ts';
import { makeStats } from '../../scripts/load/stats.ts';
import { makeWriteSender } from '../../scripts/load/writes.ts';
import { type Flaw, makeFakeApi } from './fake-api.ts';

/** Some thousand requests, several at once, against an API that is right or has one flaw. */
async function run(flaw: Flaw) {
  const random = seeded(11);
  const stats = makeStats();
  const record = makeRecord(() => performance.now());
  const ports = { send: makeFakeApi(flaw, seeded(5)), record, stats };
  const targets = { frontDoor: 'f', centres: ['a', 'b'], key: '' };
  const write = makeWriteSender({ ...ports, targets: ['f', 'a', 'b'], random, pause: async () => {} });
  const members: Occupied[] = [];
  for (const seat of makePopulation(1, 40)) {
    const result = await write(null, registration({ seat, generation: 0 }, seat.holdings));
    if (result.kind === 'lost') continue;
    members.push({ seat, log: result.log, former: [], generation: 0, taken: false });
  }
  const options = { readShare: 0.6, zipf: 0.99, writeZipf: 0.5 };
  const next = makeMix({ write, read: makeRead(ports), targets, members, random, options });
  const caller = async () => {
    for (let request = 0; request < 600; request++) await next();
  };
  await Promise.all(Array.from({ length: 5 }, caller));
  return stats;
}

describe('the mix', () => {
  test('finds nothing wrong with an API that is right, and does everything that it can', async () => {
    const { faultCounts, faults, kinds, judgedCount } = await run('none');
    expect(faults).toEqual([]);
    expect(faultCounts).toEqual({});
    expect(judgedCount()).toBeGreaterThan(3_000);
    for (const kind of [
      'register',
      'update',
      'bind',
      'unbind',
      'cancel',
      'get',
      'lookup',
      'read elsewhere',
    ]) {
      expect(kinds.get(kind)?.answered, kind).toBeGreaterThan(20);
    }
    expect(kinds.get('register')?.answered).toBeGreaterThan(50);
  });

  test.each([
    ['stale-get', 'stale'],
    ['stale-lookup', 'stale'],
    ['unbound-still-found', 'stale'],
    ['stranger', 'not-held'],
    ['lost-write', 'stale'],
    ['cancelled-still-there', 'cancelled'],
  ] as const)('finds an API with the flaw "%s"', async (flaw, fault) => {
    const { faultCounts } = await run(flaw);
    expect(faultCounts[fault]).toBeGreaterThan(0);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { revocationMs } from '../../../functions/core/failover/durations.ts';
import { everyRedis, makeTwoCentres } from './two-centres.ts';

let centres: ReturnType<typeof makeTwoCentres>;
beforeEach(async () => {
  centres = makeTwoCentres();
  const orders = { name: 'orders', owner: 'o', team: 't', purpose: 'p', lane: 'critical' } as const;
  await centres.registrar.add({ ...orders, operations: ['read'], ratePerSecond: 5 }, centres.soon());
  await centres.tick('A');
  await centres.tick('B');
});
const disable = () => centres.registrar.disable('orders', centres.soon());

describe('a revocation', () => {
  test('that reached one Redis alone is carried to every other, with both stores away', async () => {
    for (const name of ['redis-a-0', 'redis-a-1', 'redis-b-0']) centres.away.add(`operator>${name}`);
    centres.away.add('*>registry A').add('*>registry B');
    await disable();
    expect(centres.refusedIn('hash-1')).toEqual(['redis-b-1']);
    await centres.tick('A');
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
  });

  test('that reached no Redis comes from either registry, to both centres', async () => {
    for (const name of [...everyRedis, 'registry A']) centres.away.add(`operator>${name}`);
    await disable();
    expect(centres.refusedIn('hash-1')).toEqual([]);
    await centres.tick('A');
    expect(centres.refusedIn('hash-1')).toEqual([]);
    await centres.tick('B');
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
  });

  test('is back in a Redis that came up empty, also while the store is away', async () => {
    await disable();
    centres.away.add('*>registry A');
    centres.restart('redis-a-0');
    await centres.tick('A');
    expect(centres.stateOf('redis-a-0').revokedKeyHashes).toEqual(['hash-1']);
  });

  test('is kept by a centre whose own registry still admits the key, however long', async () => {
    centres.away.add('operator>registry B');
    await disable();
    for (let round = 0; round < 3; round++) {
      centres.clock.advance(revocationMs + 1);
      await centres.tick('B');
      await centres.tick('A');
    }
    expect(centres.refusedIn('hash-1')).toContain('redis-b-0');
    expect(centres.refusedIn('hash-1')).toContain('redis-b-1');
  });

  test('is kept while it is young, and while registry or topology cannot be read', async () => {
    await disable();
    centres.clock.advance(revocationMs - 1);
    await centres.tick('A');
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
    centres.clock.advance(2);
    for (const document of ['*>registry A', '*>topology A']) {
      centres.away.clear();
      centres.away.add(document);
      await centres.tick('A');
      expect(centres.refusedIn('hash-1'), document).toEqual(everyRedis);
    }
  });

  test('goes from a centre once its registry has refused the key for long', async () => {
    await disable();
    centres.clock.advance(revocationMs + 1);
    await centres.tick('A');
    expect(centres.refusedIn('hash-1')).toEqual(['redis-b-0', 'redis-b-1']);
    await centres.tick('B');
    await centres.tick('A');
    expect(centres.refusedIn('hash-1')).toEqual([]);
  });
});

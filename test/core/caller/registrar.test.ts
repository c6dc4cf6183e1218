import { beforeEach, describe, expect, test } from 'vitest';
import { callerOf } from '../../../functions/core/caller/registration.ts';
import { everyRedis, makeTwoCentres, orders } from './two-centres.ts';

let centres: ReturnType<typeof makeTwoCentres>;
beforeEach(() => {
  centres = makeTwoCentres();
});

const add = () => centres.registrar.add(orders, centres.soon());
const rotate = (onOneCentre = false) => centres.registrar.rotate('orders', onOneCentre, centres.soon());
const disable = () => centres.registrar.disable('orders', centres.soon());
/** The keys that a registry admits. */
const admitted = (centre: 'A' | 'B') =>
  (centres.states[centre].registrations ?? [])
    .map(callerOf)
    .flatMap(({ state, keyHashes }) => (state === 'active' ? keyHashes : []));

describe('adding', () => {
  test('writes both registries; doing it again changes nothing and tells no key', async () => {
    expect(await add()).toEqual({ kind: 'added', key: 'key-1', missed: [] });
    expect(centres.states.A).toEqual(centres.states.B);
    expect(await add()).toEqual({ kind: 'exists', missed: [] });
    expect(admitted('A')).toEqual(['hash-1']);
  });

  test('with one registry away it says so; doing it again brings the same key there', async () => {
    centres.away.add('*>registry B');
    expect(await add()).toMatchObject({ kind: 'added', missed: [{ part: 'registry B' }] });
    centres.away.clear();
    expect(await add()).toEqual({ kind: 'exists', missed: [] });
    expect(admitted('B')).toEqual(['hash-1']);
  });

  test('with both away nothing is added', async () => {
    centres.away.add('*>registry A').add('*>registry B');
    expect(await add()).toMatchObject({ kind: 'not-written' });
    expect(centres.states.A.registrations).toBeNull();
  });
});

describe('rotating', () => {
  beforeEach(add);

  test('has both keys live, then drops the oldest, and revokes it everywhere', async () => {
    expect(await rotate()).toMatchObject({ kind: 'rotated', key: 'key-2', missed: [] });
    expect(admitted('B')).toEqual(['hash-1', 'hash-2']);
    expect(centres.refusedIn('hash-1')).toEqual([]);
    await rotate();
    expect(admitted('A')).toEqual(['hash-2', 'hash-3']);
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
  });

  test('broken off between the registries, it is finished by the next run, which drops no key in use', async () => {
    await rotate();
    const before = centres.states.B.registrations;
    await rotate();
    // As if the process had died after the first registry.
    centres.states.B.registrations = before;
    expect(await rotate()).toEqual({ kind: 'finished-earlier', missed: [] });
    expect(admitted('A')).toEqual(['hash-2', 'hash-3']);
    expect(admitted('B')).toEqual(['hash-2', 'hash-3']);
  });

  test('changes nothing while a registry is away, unless it is told to', async () => {
    centres.away.add('*>registry A');
    expect(await rotate()).toMatchObject({ kind: 'one-centre-only', missed: [{ part: 'registry A' }] });
    expect(admitted('B')).toEqual(['hash-1']);
    expect(await rotate(true)).toMatchObject({ kind: 'rotated', missed: [{ part: 'registry A' }] });
    expect(admitted('B')).toHaveLength(2);
  });

  test('knows nobody of another name, and no disabled caller', async () => {
    expect(await centres.registrar.rotate('x', false, centres.soon())).toMatchObject({ kind: 'unknown' });
    await disable();
    expect(await rotate()).toMatchObject({ kind: 'is-disabled' });
  });
});

describe('disabling', () => {
  beforeEach(add);

  test('refuses every key in every Redis and both registries; again it changes nothing', async () => {
    await rotate();
    expect(await disable()).toEqual({ kind: 'disabled', caller: 'orders', missed: [] });
    for (const hash of ['hash-1', 'hash-2']) expect(centres.refusedIn(hash)).toEqual(everyRedis);
    expect([...admitted('A'), ...admitted('B')]).toEqual([]);
    const before = structuredClone(centres.states);
    centres.clock.advance(1_000);
    await disable();
    expect(centres.states).toEqual(before);
  });

  test('revokes before it writes: whatever it could not finish, no key is admitted that was refused', async () => {
    centres.away.add('operator>registry A').add('operator>registry B');
    await centres.tick('A');
    expect(await disable()).toMatchObject({ kind: 'disabled', missed: [{}, {}] });
    // The registries still know the key; a copy of one told whose it is.
    expect(admitted('A')).toEqual(['hash-1']);
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
  });

  test('names what it could not reach, and finishes when run again', async () => {
    centres.away.add('operator>redis-b-0').add('operator>registry B');
    const { missed } = await disable();
    expect(missed.map(({ part }) => part).sort()).toEqual(['redis-b-0', 'registry B']);
    expect(admitted('B')).toEqual(['hash-1']);
    centres.away.clear();
    expect(await disable()).toMatchObject({ missed: [] });
    expect(admitted('B')).toEqual([]);
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
  });

  test('one key, by the key itself: the other one stays', async () => {
    await rotate();
    const outcome = await centres.registrar.disableKey('hash-1', centres.soon());
    expect(outcome).toEqual({ kind: 'disabled', caller: 'orders', missed: [] });
    expect(admitted('A')).toEqual(['hash-2']);
    expect(centres.refusedIn('hash-1')).toEqual(everyRedis);
    expect(centres.refusedIn('hash-2')).toEqual([]);
    expect(await centres.registrar.disableKey('nobody', centres.soon())).toMatchObject({ kind: 'unknown' });
  });

  test('the name can be given anew, to a new key alone', async () => {
    await disable();
    expect(await add()).toMatchObject({ kind: 'added', key: 'key-2' });
    expect(admitted('A')).toEqual(['hash-2']);
    expect(admitted('B')).toEqual(['hash-2']);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  callerOf,
  disabled,
  joined,
  joinedAll,
  type Registration,
  refusedKeys,
  withKey,
  withoutKey,
} from '../../../functions/core/caller/registration.ts';
import { registrationOf } from '../../adapters/sample-registrations.ts';

const orders = registrationOf('orders', { keys: [{ hash: 'k1', sinceMs: 1 }] });
const live = (registration: Registration) => registration.keys.map(({ hash }) => hash);

describe('a registration', () => {
  test('has two live keys at most: of three the oldest is dropped', () => {
    const two = withKey(orders, 'k2', 2);
    expect(live(two)).toEqual(['k1', 'k2']);
    const next = withKey(two, 'k3', 3);
    expect(live(next)).toEqual(['k2', 'k3']);
    expect(refusedKeys(next)).toEqual([{ hash: 'k1', sinceMs: 3 }]);
  });

  test('a new key is the newest, whatever the clock of who made it says', () => {
    const two = withKey(withKey(orders, 'k2', 1_000), 'k3', 5);
    expect(live(two)).toEqual(['k2', 'k3']);
  });

  test('a key that is dropped is refused for ever, the other one is not', () => {
    const one = withoutKey(withKey(orders, 'k2', 2), 'k1', 3);
    expect(live(one)).toEqual(['k2']);
    expect(live(joined(one, withKey(orders, 'k2', 2)))).toEqual(['k2']);
    expect(callerOf(one).keyHashes).toEqual(['k2']);
  });

  test('disabled, it is refused with every key that it has', () => {
    const off = disabled(withKey(orders, 'k2', 2), 9);
    expect(callerOf(off).state).toBe('disabled');
    expect(refusedKeys(off).map(({ hash }) => hash)).toEqual(['k1', 'k2']);
    expect(disabled(off, 12)).toEqual(off);
  });

  test('its name given anew has none of the old keys', () => {
    const anew = registrationOf('orders', { generation: 2, keys: [{ hash: 'k9', sinceMs: 20 }] });
    const both = joined(disabled(orders, 9), anew);
    expect(callerOf(both)).toMatchObject({ state: 'active', keyHashes: ['k9'] });
    expect(refusedKeys(both).map(({ hash }) => hash)).toEqual(['k1']);
  });
});

describe('two registries as one', () => {
  /** Changes of one caller, as operators make them in either centre while the other is away, or not. */
  const change = fc.record({
    at: fc.constantFrom('A', 'B', 'both'),
    does: fc.constantFrom('rotate', 'disable', 'drop', 'sync'),
  });

  test('refuse whatever either refused, joined either way round, and again', () => {
    const property = fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      let centres = { A: orders, B: orders };
      const refused = new Set<string>();
      for (const [index, { at, does }] of changes.entries()) {
        const nowMs = 10 + index;
        const next = (from: Registration): Registration => {
          if (does === 'rotate') return withKey(from, `r${index}`, nowMs);
          if (does === 'disable') return disabled(from, nowMs);
          return does === 'drop' && from.keys[0] ? withoutKey(from, from.keys[0].hash, nowMs) : from;
        };
        const seen = joined(centres.A, centres.B);
        if (at === 'both' || does === 'sync') centres = { A: next(seen), B: next(seen) };
        else centres = { ...centres, [at]: next(centres[at]) };
        for (const each of [centres.A, centres.B])
          for (const { hash } of refusedKeys(each)) refused.add(hash);
      }
      const both = joined(centres.A, centres.B);
      expect(joined(centres.B, centres.A)).toEqual(both);
      expect(joined(both, centres.A)).toEqual(both);
      expect(joined(both, both)).toEqual(both);
      const isOff = centres.A.disabledSinceMs !== null || centres.B.disabledSinceMs !== null;
      expect(both.disabledSinceMs !== null).toBe(isOff);
      if (!isOff) for (const hash of live(both)) expect(refused.has(hash), hash).toBe(false);
      expect(both.keys.length).toBeLessThanOrEqual(2);
      expect(both.dropped.length).toBeLessThanOrEqual(8);
    });
    fc.assert(property, { numRuns: 1_000 });
  });

  test('have everybody once, in the order of their names', () => {
    const all = joinedAll(
      [orders, registrationOf('alerts')],
      [registrationOf('orders'), registrationOf('zoo')],
    );
    expect(all.map(({ name }) => name)).toEqual(['alerts', 'orders', 'zoo']);
    expect(live(all[1] as Registration)).toEqual(['k1']);
  });
});

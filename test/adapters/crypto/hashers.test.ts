import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashCallerKey,
  makeIdentifierHasher,
  makeKeyedHasher,
  makeSlotHasher,
} from '../../../functions/adapters/crypto/hashers.ts';
import { keyVersionOf } from '../../../functions/core/directory/directory.ts';
import type { Identifier } from '../../../functions/core/member/identifiers.ts';
import { slotCount } from '../../../functions/core/sharding/sharding.ts';

/** RFC 4231, test case 2: key "Jefe", data "what do ya want for nothing?". */
const rfcKey = Buffer.from('Jefe');
const rfcText = 'what do ya want for nothing?';
const rfcHash = Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex');

const key = new Uint8Array(32).fill(1);

describe('hashes of identifiers', () => {
  const hasher = makeIdentifierHasher([{ version: '1', key }]);
  const keyOf = (identifier: Identifier) => hasher.keysOf(identifier)[0];

  test('are HMAC-SHA256 of the canonical text, behind the version of their key', () => {
    const canonical = 'account:elong-app\u0000traveller-1';
    const hash = createHmac('sha256', key).update(canonical).digest('base64url');
    expect(hasher.keysOf({ kind: 'account', platform: 'elong-app', value: 'traveller-1' })).toEqual([
      `1.${hash}`,
    ]);
  });

  test('are one a key, the current one first', () => {
    const phone: Identifier = { kind: 'phone', value: '1' };
    const other = { version: '2', key: rfcKey };
    const both = makeIdentifierHasher([other, { version: '1', key }]);
    expect(both.keysOf(phone)).toEqual([makeIdentifierHasher([other]).keysOf(phone)[0], keyOf(phone)]);
    expect(both.keysOf(phone).map(keyVersionOf)).toEqual(['2', '1']);
    expect(() => makeIdentifierHasher([])).toThrow(/no key/);
  });

  test('differ by kind, platform and value', () => {
    const keys = [
      keyOf({ kind: 'phone', value: '1' }),
      keyOf({ kind: 'cardNo', value: '1' }),
      keyOf({ kind: 'unionId', value: '1' }),
      keyOf({ kind: 'account', platform: 'elong-app', value: '1' }),
      keyOf({ kind: 'account', platform: 'tongcheng-app', value: '1' }),
      keyOf({ kind: 'phone', value: '2' }),
      makeIdentifierHasher([{ version: '1', key: rfcKey }]).keysOf({ kind: 'phone', value: '1' })[0],
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('fit into 64 characters, with the longest version', () => {
    const [longest] = makeIdentifierHasher([{ version: 'v'.repeat(16), key }]).keysOf({
      kind: 'phone',
      value: 'x'.repeat(1_000),
    });
    expect(longest).toMatch(/^[\w-]{16}\.[\w-]{43}$/);
    expect(() => makeIdentifierHasher([{ version: 'v'.repeat(21), key }])).toThrow(/too long/);
  });
});

describe('hashes to slots', () => {
  test('are the first 16 bits of the HMAC, over the slots', () => {
    expect(makeSlotHasher(rfcKey).slotOf(rfcText)).toBe(rfcHash.readUInt16BE(0) % slotCount);
  });

  test('spread over every slot, and over none beyond', () => {
    const hasher = makeSlotHasher(key);
    const counts = new Array<number>(slotCount).fill(0);
    for (let i = 0; i < 100 * slotCount; i++) {
      const slot = hasher.slotOf(`member-${i}`);
      counts[slot] = (counts[slot] ?? Number.NaN) + 1;
    }
    expect(counts.length).toBe(slotCount);
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(160);
  });
});

describe('keyed hashes', () => {
  const hasher = makeKeyedHasher(key);

  test('tell parts apart, wherever they are cut', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ':', '1') }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        const same = JSON.stringify(some) === JSON.stringify(others);
        expect(hasher.hash(...some) === hasher.hash(...others)).toBe(same);
      }),
    );
    expect(hasher.hash('ab', 'c')).not.toBe(hasher.hash('a', 'bc'));
    expect(hasher.hash('1:a')).not.toBe(hasher.hash('', 'a'));
  });

  test('depend on the key, and are text of 43 characters', () => {
    expect(hasher.hash('a')).toMatch(/^[\w-]{43}$/);
    expect(makeKeyedHasher(rfcKey).hash('a')).not.toBe(hasher.hash('a'));
  });
});

test("a caller's key is known by its SHA-256", () => {
  const ofAbc = Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex');
  expect(hashCallerKey('abc')).toBe(ofAbc.toString('base64url'));
});

import { createHmac, hash as digestOf } from 'node:crypto';
import { invariant } from '../../core/kernel/invariant.ts';
import { canonical, type IdentifierHasher } from '../../core/member/identifiers.ts';
import type { KeyedHasher } from '../../core/member/ports.ts';
import { type SlotHasher, slotCount } from '../../core/sharding/sharding.ts';
import type { IdentifiersKey } from './keyring.ts';

const identifierKeyLengthMax = 64;

/**
 * Keys are `VERSION.HASH`: HMAC-SHA256 in base64url behind the version of the key that made it.
 * @param keys the current one first; a second one while they are rotated
 */
export function makeIdentifierHasher(keys: readonly IdentifiersKey[]): IdentifierHasher {
  const hash = ({ version, key }: IdentifiersKey, text: string): string =>
    `${version}.${hmac(key, text).toString('base64url')}`;
  invariant(keys.length > 0, 'no key for identifiers');
  for (const key of keys) {
    invariant(
      hash(key, '').length <= identifierKeyLengthMax,
      'the version of the identifiers key is too long',
    );
  }
  return {
    keysOf(identifier) {
      const text = canonical(identifier);
      return keys.map((key) => hash(key, text));
    },
  };
}

/** @param key never rotates: with another one, every member would be looked for in another slot */
export function makeSlotHasher(key: Uint8Array): SlotHasher {
  return { slotOf: (text) => hmac(key, text).readUInt16BE(0) % slotCount };
}

/** Parts are told apart: ('ab', 'c') and ('a', 'bc') hash differently. */
export function makeKeyedHasher(key: Uint8Array): KeyedHasher {
  return {
    hash: (...parts) =>
      hmac(key, parts.map((part) => `${part.length}:${part}`).join('')).toString('base64url'),
  };
}

/** The hash under which a caller's key is registered. A plain one suffices: the keys are 256 random bits. */
export function hashCallerKey(key: string): string {
  return digestOf('sha256', key, 'base64url');
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest();

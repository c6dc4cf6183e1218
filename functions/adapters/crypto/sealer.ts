import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../core/kernel/ids.ts';
import { InvariantBroken, invariant } from '../../core/kernel/invariant.ts';
import type { Member, StoredMember } from '../../core/member/member.ts';
import type { Sealer } from '../../core/member/ports.ts';
import type { SealingKey } from './keyring.ts';

const format = '1';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM. The sealed form is `FORMAT.KEYID.` and base64url of nonce, ciphertext and tag. Format, key id, memberId
 * and version are bound into it, so that no sealed member can stand in for another, or for an older one of itself.
 *
 * Nonces are random: one key must not seal more than 2^32 times, so it has to be rotated well before.
 *
 * @param keys the first seals; all of them open
 */
export function makeSealer(keys: readonly SealingKey[], random: Random): Sealer {
  const byId = new Map(keys.map((key) => [key.id, key]));
  const first = keys[0];
  invariant(first !== undefined, 'no key to seal with');

  return {
    seal(member) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv(algorithm, first.key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(first.id, member));
      const ciphertext = [cipher.update(JSON.stringify(member), 'utf8'), cipher.final()];
      const sealed = Buffer.concat([nonce, ...ciphertext, cipher.getAuthTag()]);
      return `${format}.${first.id}.${sealed.toString('base64url')}`;
    },

    open(stored) {
      const [formatFound, keyId = '', text = '', ...more] = stored.sealed.split('.');
      invariant(
        formatFound === format && more.length === 0,
        `${named(stored)} is sealed in an unknown format`,
      );
      const key = byId.get(keyId);
      invariant(key !== undefined, `${named(stored)} is sealed with a key that is not in the keyring`);
      const sealed = Buffer.from(text, 'base64url');
      // Decoding forgives: what does not come out as it went in was tampered with.
      invariant(sealed.toString('base64url') === text, `${named(stored)} does not open`);
      invariant(sealed.length >= nonceBytes + tagBytes, `${named(stored)} does not open`);
      const member = JSON.parse(decrypt(key, sealed, stored)) as Member;
      const { memberId, version, status } = member;
      const agree = memberId === stored.memberId && version === stored.version && status === stored.status;
      invariant(agree, `${named(stored)} says something else inside`);
      return member;
    },
  };
}

function decrypt(key: SealingKey, sealed: Buffer, stored: StoredMember): string {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key.key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(key.id, stored));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    const plain = [decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes)), decipher.final()];
    return Buffer.concat(plain).toString('utf8');
  } catch {
    throw new InvariantBroken(`${named(stored)} does not open`);
  }
}

const boundTo = (keyId: string, { memberId, version }: Pick<Member, 'memberId' | 'version'>): Buffer =>
  Buffer.from(`${format}.${keyId}.${version}.${memberId}`);

const named = ({ memberId, version }: StoredMember): string => `the stored member ${memberId} at ${version}`;

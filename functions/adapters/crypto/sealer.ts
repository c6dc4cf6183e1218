import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../core/kernel/ids.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import { SealBroken } from '../../core/member/errors.ts';
import type { Member, StoredMember } from '../../core/member/member.ts';
import type { Sealer } from '../../core/member/ports.ts';
import type { SealingKey } from './keyring.ts';

const format = '1';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const tagLength = { authTagLength: tagBytes };

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
    keyId: first.id,

    seal(member) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv(algorithm, first.key, nonce, tagLength);
      cipher.setAAD(boundTo(first.id, member));
      const ciphertext = [cipher.update(JSON.stringify(member), 'utf8'), cipher.final()];
      const sealed = Buffer.concat([nonce, ...ciphertext, cipher.getAuthTag()]);
      return `${format}.${first.id}.${sealed.toString('base64url')}`;
    },

    open(stored) {
      const [formatFound, keyId = '', text = '', more] = stored.sealed.split('.', 4);
      const broken = (how: string) =>
        new SealBroken(`the stored member ${stored.memberId} at ${stored.version} ${how}`);
      if (formatFound !== format || more !== undefined) throw broken('is sealed in an unknown format');
      const key = byId.get(keyId);
      if (key === undefined) throw broken('is sealed with a key that is not in the keyring');
      const sealed = Buffer.from(text, 'base64url');
      // Decoding forgives: what does not come out as it went in was tampered with.
      const plain =
        sealed.toString('base64url') === text && sealed.length >= nonceBytes + tagBytes
          ? decrypt(key, sealed, stored)
          : null;
      if (plain === null) throw broken('does not open');
      const member = JSON.parse(plain) as Member;
      const { memberId, version, status } = member;
      const agree = memberId === stored.memberId && version === stored.version && status === stored.status;
      if (!agree) throw broken('says something else inside');
      return member;
    },
  };
}

/** @returns null when the text is not what was sealed for this member, with this key */
function decrypt(key: SealingKey, sealed: Buffer, stored: StoredMember): string | null {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv(algorithm, key.key, nonce, tagLength);
  decipher.setAAD(boundTo(key.id, stored));
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const plain = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    // This mode holds nothing back: what is left to do is to see whether the text is genuine.
    decipher.final();
  } catch {
    return null;
  }
  return plain.toString('utf8');
}

const boundTo = (keyId: string, { memberId, version }: Pick<Member, 'memberId' | 'version'>): Buffer =>
  Buffer.from(`${format}.${keyId}.${version}.${memberId}`);

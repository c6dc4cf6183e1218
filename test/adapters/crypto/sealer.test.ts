import { createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SealingKey } from '../../../functions/adapters/crypto/keyring.ts';
import { makeSealer } from '../../../functions/adapters/crypto/sealer.ts';
import { makeSystemRandom } from '../../../functions/adapters/system/system-random.ts';
import { SealBroken } from '../../../functions/core/member/errors.ts';
import type { Holding, Member, StoredMember } from '../../../functions/core/member/member.ts';

const keyOf = (id: string, byte: number): SealingKey => ({ id, key: new Uint8Array(32).fill(byte) });
const random = makeSystemRandom();
const sealer = makeSealer([keyOf('1', 1)], random);

const storedOf = (member: Member, by = sealer): StoredMember => {
  const { memberId, version, status } = member;
  return { memberId, version, status, sealed: by.seal(member) };
};
const member: Member = {
  memberId: '0198c0de-0000-7000-8000-000000000001',
  version: 4_294_967_297,
  status: 'active',
  name: '旅行者 Müller',
  level: 3,
  holdings: [{ identifier: { kind: 'phone', value: '+8613800000000' }, key: '1.abc', token: '20260101.xyz' }],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

const text = fc.string({ unit: 'binary', maxLength: 50 });
const holding: fc.Arbitrary<Holding> = fc.record({
  identifier: fc.oneof(
    fc.record({
      kind: fc.constantFrom('phone' as const, 'unionId' as const, 'cardNo' as const),
      value: text,
    }),
    fc.record({ kind: fc.constant('account' as const), platform: text, value: text }),
  ),
  key: text,
  token: text,
});
const anyMember: fc.Arbitrary<Member> = fc.record({
  memberId: fc.uuid(),
  version: fc.maxSafeNat(),
  status: fc.constantFrom('active' as const, 'cancelled' as const),
  name: text,
  level: fc.nat(99),
  holdings: fc.array(holding, { maxLength: 5 }),
  createdAt: text,
  updatedAt: text,
});

describe('the sealer', () => {
  test('what it seals it opens, whatever is inside', () => {
    fc.assert(
      fc.property(anyMember, (any) => {
        expect(sealer.open(storedOf(any))).toEqual(plain(any));
      }),
    );
  });

  test('nothing of a member shows, and no two seals are alike', () => {
    const { sealed } = storedOf(member);
    expect(sealed).toMatch(/^1\.1\.[\w-]+$/);
    const bytes = Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1');
    for (const part of ['13800000000', 'phone', member.memberId]) expect(bytes).not.toContain(part);
    expect(storedOf(member).sealed).not.toBe(sealed);
  });

  test('the form is nonce, AES-256-GCM ciphertext, tag: another implementation opens it', () => {
    const nonce = new Uint8Array(12).fill(7);
    const { sealed } = storedOf(member, makeSealer([keyOf('k', 9)], { ...random, bytes: () => nonce }));
    const bytes = Buffer.from(sealed.slice('1.k.'.length), 'base64url');
    expect(bytes.subarray(0, 12)).toEqual(Buffer.from(nonce));
    const decipher = createDecipheriv('aes-256-gcm', keyOf('k', 9).key, nonce);
    decipher.setAAD(Buffer.from(`1.k.${member.version}.${member.memberId}`));
    decipher.setAuthTag(bytes.subarray(-16));
    const opened = decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
    expect(JSON.parse(opened)).toEqual(member);
  });

  test('a change of any character is found, and its error tells nothing of the member', () => {
    const stored = storedOf(member);
    for (let at = 0; at < stored.sealed.length; at++) {
      for (const other of ['A', 'B', '_', '.', '=', ' ']) {
        if (stored.sealed[at] === other) continue;
        const sealed = stored.sealed.slice(0, at) + other + stored.sealed.slice(at + 1);
        const error = thrownBy(() => sealer.open({ ...stored, sealed }));
        expect(error).toBeInstanceOf(SealBroken);
        expect(String(error)).not.toContain('13800000000');
      }
    }
  });

  test('a change of any single bit, the last ones of the text included, is found', () => {
    const stored = storedOf(member);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    for (const other of alphabet) {
      if (stored.sealed.endsWith(other)) continue;
      expect(() => sealer.open({ ...stored, sealed: stored.sealed.slice(0, -1) + other })).toThrow(
        SealBroken,
      );
    }
    const [head, body = ''] = [stored.sealed.slice(0, 4), stored.sealed.slice(4)];
    const bytes = Buffer.from(body, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const sealed = head + flipped.toString('base64url');
      expect(() => sealer.open({ ...stored, sealed })).toThrow(SealBroken);
    }
  });

  test('what is cut short or made longer does not open', () => {
    const stored = storedOf(member);
    for (let length = 0; length < stored.sealed.length; length++) {
      expect(() => sealer.open({ ...stored, sealed: stored.sealed.slice(0, length) })).toThrow(SealBroken);
    }
    expect(() => sealer.open({ ...stored, sealed: `${stored.sealed}AAAA` })).toThrow(SealBroken);
    expect(() => sealer.open({ ...stored, sealed: `${stored.sealed}.` })).toThrow(SealBroken);
  });

  test('one member cannot stand in for another, nor an older version for a newer, nor a status for the other', () => {
    const other = { ...member, memberId: '0198c0de-0000-7000-8000-000000000002' };
    const newer = { ...member, version: member.version + 1 };
    const { sealed } = storedOf(member);
    expect(() => sealer.open({ ...storedOf(other), sealed })).toThrow(SealBroken);
    expect(() => sealer.open({ ...storedOf(newer), sealed })).toThrow(SealBroken);
    expect(() => sealer.open({ ...storedOf(member), status: 'cancelled' })).toThrow(
      /says something else inside/,
    );
  });

  test('opens with any key of the ring, and seals with the first', () => {
    const old = makeSealer([keyOf('old', 2)], random);
    const rotated = makeSealer([keyOf('new', 3), keyOf('old', 2)], random);
    expect(rotated.open(storedOf(member, old))).toEqual(member);
    expect(rotated.seal(member)).toMatch(/^1\.new\./);
    expect(() => old.open(storedOf(member, rotated))).toThrow(/a key that is not in the keyring/);
  });

  test('names a format it does not know', () => {
    const stored = storedOf(member);
    expect(() => sealer.open({ ...stored, sealed: `2${stored.sealed.slice(1)}` })).toThrow(/unknown format/);
  });

  test('does not start without a key', () => {
    expect(() => makeSealer([], random)).toThrow('no key to seal with');
  });
});

/** fast-check's records have no prototype. */
const plain = (value: Member): unknown => JSON.parse(JSON.stringify(value));

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return null;
}

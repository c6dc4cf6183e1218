import { describe, expect, it } from 'vitest';
import { entryOf, openEntry, readEntry } from '../../../functions/core/cache/entry.ts';
import type { Target } from '../../../functions/core/cache/find.ts';
import { SealBroken } from '../../../functions/core/member/errors.ts';
import type { Member, StoredMember } from '../../../functions/core/member/member.ts';
import type { Sealer } from '../../../functions/core/member/ports.ts';

const version = 2 ** 32 + 7;
const member: Member = {
  memberId: 'M1',
  version,
  status: 'active',
  name: 'Ana María',
  level: 1,
  holdings: [{ identifier: { kind: 'phone', value: '+861' }, key: '1.k', token: 't' }],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};
const stored: StoredMember = { memberId: 'M1', version, status: 'active', sealed: JSON.stringify(member) };
/** Seals nothing, but tells what was cut short, as a real one does. */
const sealer: Sealer = {
  keyId: '1',
  seal: (one) => JSON.stringify(one),
  open: ({ sealed }) => {
    if (!sealed.endsWith('}')) throw new SealBroken('cut short');
    return JSON.parse(sealed) as Member;
  },
};
const byId: Target = { kind: 'member', memberId: 'M1', cacheKey: 'm:M1', databaseClusters: ['c0'] };
const byKey = (key: string): Target => ({
  kind: 'identifier',
  key,
  cacheKey: `i:${key}`,
  databaseClusters: ['c0'],
});

const format1 = {
  member: JSON.stringify({ format: 1, version, member: stored }),
  nobody: JSON.stringify({ format: 1, version, member: null }),
};

describe.each([
  ['format 2', { member: entryOf(stored, version), nobody: entryOf(null, version) }],
  ['format 1', format1],
])('an entry of %s', (_, texts) => {
  it('says the member, whatever its sealed text holds', () => {
    expect(readEntry(texts.member)).toEqual({ version, member: stored });
    expect(openEntry(texts.member, byId, sealer)).toEqual({ found: { stored, member }, version });
    expect(openEntry(texts.member, byKey('1.k'), sealer)).toEqual({ found: { stored, member }, version });
  });

  it('says nobody, at a version', () => {
    expect(openEntry(texts.nobody, byKey('1.k'), sealer)).toEqual({ found: null, version });
  });

  it('is a miss when its member does not answer the target', () => {
    expect(openEntry(texts.member, byKey('1.other'), sealer)).toBeNull();
    expect(openEntry(texts.member, { ...byId, memberId: 'M2' }, sealer)).toBeNull();
  });

  it('is a miss wherever it is cut short', () => {
    for (const whole of [texts.member, texts.nobody]) {
      for (let length = 0; length < whole.length; length++) {
        expect(openEntry(whole.slice(0, length), byId, sealer)).toBeNull();
      }
    }
  });
});

it.each(['', '3 1 nobody', '2 x nobody', '2 1 M1 gone {}', '{"format":3}', '2  nobody '])(
  'counts %j as a miss',
  (text) => {
    expect(openEntry(text, byId, sealer)).toBeNull();
  },
);

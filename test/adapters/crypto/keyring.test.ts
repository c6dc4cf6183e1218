import { describe, expect, test } from 'vitest';
import { KeyringInvalid, parseKeyring } from '../../../functions/adapters/crypto/keyring.ts';

const key = (byte: number, length = 32): string => Buffer.alloc(length, byte).toString('base64');
const whole = {
  sealing: [
    { id: '2', key: key(2) },
    { id: '1', key: key(1) },
  ],
  identifiers: [
    { version: '2', key: key(5) },
    { version: '1', key: key(3) },
  ],
  slots: key(4),
  requests: key(0xfb),
};
const faultsOf = (json: string): string => {
  try {
    parseKeyring(json);
  } catch (error) {
    expect(error).toBeInstanceOf(KeyringInvalid);
    expect((error as KeyringInvalid).code).toBe('keyring-invalid');
    expect((error as KeyringInvalid).cause).toBeUndefined();
    return (error as Error).message.replace('the keyring is not usable: ', '');
  }
  return '';
};
const faultsWith = (change: object): string => faultsOf(JSON.stringify({ ...whole, ...change }));

describe('the keyring', () => {
  test('is read as it stands, base64 or base64url', () => {
    const urlSafe = { ...whole, requests: Buffer.alloc(32, 0xfb).toString('base64url') };
    for (const form of [whole, urlSafe]) {
      const keyring = parseKeyring(JSON.stringify(form));
      expect(keyring.sealing.map(({ id }) => id)).toEqual(['2', '1']);
      expect(keyring.sealing.map(({ key: bytes }) => bytes)).toEqual([
        Buffer.alloc(32, 2),
        Buffer.alloc(32, 1),
      ]);
      expect(keyring.identifiers).toEqual([
        { version: '2', key: Buffer.alloc(32, 5) },
        { version: '1', key: Buffer.alloc(32, 3) },
      ]);
      expect(keyring.slots).toEqual(Buffer.alloc(32, 4));
      expect(keyring.requests).toEqual(Buffer.alloc(32, 0xfb));
    }
  });

  test('names everything that is missing at once', () => {
    expect(faultsOf('{}')).toBe(
      'sealing is missing; identifiers is missing; slots is missing; requests is missing',
    );
  });

  test.each([
    [{ sealing: [] }, 'sealing is not a list of 1 to 16 keys'],
    [{ sealing: 'x' }, 'sealing is not a list of 1 to 16 keys'],
    [{ sealing: [{}] }, 'sealing[0].id is missing; sealing[0].key is missing'],
    [{ sealing: [null] }, 'sealing[0].id is missing; sealing[0].key is missing'],
    [{ sealing: [whole.sealing[0], whole.sealing[0]] }, 'sealing[1].id is that of sealing[0]'],
    [{ sealing: [{ id: 'a.b', key: key(1) }] }, 'sealing[0].id is not 1 to 16 of A-Z a-z 0-9 _ -'],
    [{ slots: key(1, 16) }, 'slots has 16 bytes, not 32'],
    [{ slots: '*' }, 'slots is not base64'],
    [{ slots: 7 }, 'slots is not base64'],
    [{ identifiers: { version: '1', key: key(1) } }, 'identifiers is not a list of 1 to 2 keys'],
    [{ identifiers: [] }, 'identifiers is not a list of 1 to 2 keys'],
    [
      { identifiers: ['3', '2', '1'].map((version) => ({ version, key: key(1) })) },
      'identifiers is not a list of 1 to 2 keys',
    ],
    [
      { identifiers: [whole.identifiers[0], whole.identifiers[0]] },
      'identifiers[1].version is that of identifiers[0]',
    ],
    [
      { identifiers: [{ version: 1, key: key(1) }] },
      'identifiers[0].version is not 1 to 16 of A-Z a-z 0-9 _ -',
    ],
  ])('says what is wrong: %j', (change, fault) => {
    expect(faultsWith(change)).toBe(fault);
  });

  test('says that it is no keyring at all, and never what stands there', () => {
    expect(faultsOf('[]')).toBe('it is not a JSON object');
    expect(faultsOf('null')).toBe('it is not a JSON object');
    const secret = 'c2VjcmV0LWtleS1tYXRlcmlhbA';
    expect(faultsOf(`{"slots": "${secret}" oops`)).toBe('it is not JSON');
    expect(faultsWith({ slots: secret, requests: `${secret}!` })).not.toContain(secret);
    expect(faultsWith({ sealing: [{ id: `${secret} ${secret}`, key: secret }] })).not.toContain(secret);
  });
});

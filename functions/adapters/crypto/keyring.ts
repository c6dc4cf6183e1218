/**
 * The keyring: every key the service holds, as it comes from the parameter store. Keys are 32 bytes, in base64 or
 * base64url:
 *
 *     {
 *       "sealing": [{ "id": "2", "key": "..." }, { "id": "1", "key": "..." }],
 *       "identifiers": [{ "version": "1", "key": "..." }],
 *       "slots": "...",
 *       "requests": "..."
 *     }
 *
 * The first sealing key seals, all of them open. The first identifiers key is the current one; while there is a second,
 * every identifier is kept under both. `slots` never changes. How each is rotated, and in which order, is told in
 * `docs/keys.md`.
 */
export interface Keyring {
  readonly sealing: readonly SealingKey[];
  readonly identifiers: readonly IdentifiersKey[];
  readonly slots: Uint8Array;
  readonly requests: Uint8Array;
}

export interface SealingKey {
  /** 1 to 16 of `A-Z a-z 0-9 _ -`. */
  readonly id: string;
  readonly key: Uint8Array;
}

export interface IdentifiersKey {
  /** 1 to 16 of `A-Z a-z 0-9 _ -`. */
  readonly version: string;
  readonly key: Uint8Array;
}

/** Names everything that is missing or wrong, by its path; never what stands there. */
export class KeyringInvalid extends Error {
  readonly code = 'keyring-invalid';

  constructor(faults: readonly string[]) {
    super(`the keyring is not usable: ${faults.join('; ')}`);
  }
}

const keyBytes = 32;
const sealingKeysMax = 16;
/** A member holds each identifier once a key: two is what a rotation needs. */
const identifiersKeysMax = 2;
const idPattern = /^[A-Za-z0-9_-]{1,16}$/;

/** @throws KeyringInvalid */
export function parseKeyring(json: string): Keyring {
  const faults: string[] = [];
  const root = record(parseJson(json));
  if (root === null) throw new KeyringInvalid(['it is not a JSON object']);

  const key = (value: unknown, path: string): Uint8Array => {
    if (value === undefined) faults.push(`${path} is missing`);
    else if (typeof value !== 'string' || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(value))
      faults.push(`${path} is not base64`);
    else {
      const bytes = Buffer.from(value, 'base64');
      if (bytes.length === keyBytes) return bytes;
      faults.push(`${path} has ${bytes.length} bytes, not ${keyBytes}`);
    }
    return new Uint8Array();
  };
  const id = (value: unknown, path: string): string => {
    if (typeof value === 'string' && idPattern.test(value)) return value;
    faults.push(value === undefined ? `${path} is missing` : `${path} is not 1 to 16 of A-Z a-z 0-9 _ -`);
    return '';
  };

  /** A list of keys, each with a name that no other has. */
  const list = <Name extends 'id' | 'version'>(path: string, name: Name, countMax: number) => {
    const value = root[path];
    const entries: readonly unknown[] = Array.isArray(value) ? value.slice(0, countMax) : [];
    if (value === undefined) faults.push(`${path} is missing`);
    else if (!Array.isArray(value) || value.length === 0 || value.length > countMax)
      faults.push(`${path} is not a list of 1 to ${countMax} keys`);
    const keys = entries.map((entry, index) => ({
      [name]: id(record(entry)?.[name], `${path}[${index}].${name}`),
      key: key(record(entry)?.key, `${path}[${index}].key`),
    })) as (Readonly<Record<Name, string>> & { readonly key: Uint8Array })[];
    keys.forEach((entry, index) => {
      const first = keys.findIndex((other) => other[name] === entry[name]);
      if (entry[name] !== '' && first !== index)
        faults.push(`${path}[${index}].${name} is that of ${path}[${first}]`);
    });
    return keys;
  };

  const { slots, requests } = root;
  const keyring: Keyring = {
    sealing: list('sealing', 'id', sealingKeysMax),
    identifiers: list('identifiers', 'version', identifiersKeysMax),
    slots: key(slots, 'slots'),
    requests: key(requests, 'requests'),
  };
  if (faults.length > 0) throw new KeyringInvalid(faults);
  return keyring;
}

/** The error of `JSON.parse` quotes the text, and so would carry keys into a log: it goes no further. */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new KeyringInvalid(['it is not JSON']);
  }
}

const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeFileAtomically } from './files.ts';

/** What the services keep to themselves: made at the first start, and lost with the data that it opens. */
export interface ServiceSecrets {
  /** The keyring's JSON. */
  readonly keyring: string;
  /** Callers' keys, by the caller's name. */
  readonly callerKeys: { readonly orders: string; readonly campaigns: string };
}

const keyBytes = 32;
const ownerOnly = 0o600;

/** Beside the engines' data, so that whoever deletes one deletes the other. */
export function servicesDirectoryOf(directory: string): string {
  return join(directory, 'data', 'services');
}

export function ensureServiceSecrets(directory: string): ServiceSecrets {
  const place = servicesDirectoryOf(directory);
  const path = join(place, 'secrets.json');
  const known = readJson<ServiceSecrets>(path);
  if (known) return known;
  const key = () => randomBytes(keyBytes).toString('base64url');
  const keyring = {
    sealing: [{ id: '1', key: key() }],
    identifiers: { version: '1', key: key() },
    slots: key(),
    requests: key(),
  };
  const secrets = { keyring: JSON.stringify(keyring), callerKeys: { orders: key(), campaigns: key() } };
  mkdirSync(place, { recursive: true });
  writeFileAtomically(path, JSON.stringify(secrets), ownerOnly);
  return secrets;
}

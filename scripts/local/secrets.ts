import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeFileAtomically } from './files.ts';

/** The passwords of one copy, made at its first start. They never leave its directory. */
export interface Secrets {
  /** The service's own user: reads and writes rows, nothing else, and is held by `read_only`. */
  databaseUser: string;
  databasePassword: string;
  /** For schema changes and drills: may do everything, also on a node that is read-only. */
  adminUser: string;
  adminPassword: string;
  replicationUser: string;
  replicationPassword: string;
}

const PASSWORD_BYTES = 24;
const OWNER_ONLY = 0o600;

/** The secrets of the directory; made on the first call. */
export function ensureSecrets(directory: string): Secrets {
  const path = join(directory, 'secrets.json');
  const known = readJson<Secrets>(path);
  if (known) return known;
  mkdirSync(directory, { recursive: true });
  const secrets = makeSecrets();
  writeFileAtomically(path, JSON.stringify(secrets), OWNER_ONLY);
  return secrets;
}

export function makeSecrets(): Secrets {
  const password = () => randomBytes(PASSWORD_BYTES).toString('base64url');
  return {
    databaseUser: 'membership',
    databasePassword: password(),
    adminUser: 'membership_admin',
    adminPassword: password(),
    replicationUser: 'membership_replica',
    replicationPassword: password(),
  };
}

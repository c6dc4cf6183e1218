import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseKeyring } from '../../functions/adapters/crypto/keyring.ts';
import { ensureServiceSecrets, servicesDirectoryOf } from '../../scripts/local/service-secrets.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'membership-secrets-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a copy has one keyring, made at its first start', () => {
  const secrets = ensureServiceSecrets(directory);
  expect(parseKeyring(secrets.keyring).identifiers).toHaveLength(1);
  expect(ensureServiceSecrets(directory)).toEqual(secrets);
});

test('a keyring of an older copy keeps its identifiers key, now in a list', () => {
  const secrets = ensureServiceSecrets(directory);
  const { identifiers, ...rest } = JSON.parse(secrets.keyring);
  const path = join(servicesDirectoryOf(directory), 'secrets.json');
  const older = { ...secrets, keyring: JSON.stringify({ ...rest, identifiers: identifiers[0] }) };
  writeFileSync(path, JSON.stringify(older));
  const migrated = ensureServiceSecrets(directory);
  expect(parseKeyring(migrated.keyring)).toEqual(parseKeyring(secrets.keyring));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(migrated);
});

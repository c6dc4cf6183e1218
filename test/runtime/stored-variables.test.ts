import { expect, test } from 'vitest';
import { SettingsInvalid } from '../../functions/runtime/env.ts';
import { withStoredVariables } from '../../functions/runtime/stored-variables.ts';

const secrets: Readonly<Record<string, string>> = {
  keyring: '{"sealing":[]}',
  database: '{"username":"membership","password":"hush","port":3306}',
};

function fake() {
  const reads: string[] = [];
  const storeAt = (place: { readonly region: string; readonly endpoint: string }) => async (name: string) => {
    reads.push(`${name} at ${place.endpoint} in ${place.region}`);
    return secrets[name] ?? '';
  };
  return { reads, storeAt };
}

const stored = {
  region: 'r',
  endpoint: 'https://s',
  variables: {
    KEYRING: { secret: 'keyring' },
    DATABASE_USER: { secret: 'database', field: 'username' },
    DATABASE_PASSWORD: { secret: 'database', field: 'password' },
    JOURNALS: { secret: 'database', field: 'port' },
  },
};

test('adds what is stored, and reads each secret once', async () => {
  const { reads, storeAt } = fake();
  const environment = { CENTRE: 'A', STORED_VARIABLES: JSON.stringify(stored) };
  expect(await withStoredVariables(environment, storeAt)).toEqual({
    ...environment,
    KEYRING: '{"sealing":[]}',
    DATABASE_USER: 'membership',
    DATABASE_PASSWORD: 'hush',
    JOURNALS: '3306',
  });
  expect(reads).toEqual(['keyring at https://s in r', 'database at https://s in r']);
});

test('without any, asks nobody and keeps the environment itself', async () => {
  const { reads, storeAt } = fake();
  const environment = { CENTRE: 'A' };
  expect(await withStoredVariables(environment, storeAt)).toBe(environment);
  expect(reads).toEqual([]);
});

test('without an endpoint it is the one of the stand-in', async () => {
  const { reads, storeAt } = fake();
  const { endpoint: _, ...rest } = stored;
  await withStoredVariables(
    { STORED_VARIABLES: JSON.stringify(rest), AWS_ENDPOINT_URL: 'http://stand-in' },
    storeAt,
  );
  expect(reads[0]).toBe('keyring at http://stand-in in r');
});

test.each([
  ['no JSON', '{'],
  ['no variables', '{"region":"r","endpoint":"https://s"}'],
  ['no endpoint anywhere', '{"region":"r","variables":{}}'],
])('refuses %s', async (_, given) => {
  const { storeAt } = fake();
  await expect(withStoredVariables({ STORED_VARIABLES: given }, storeAt)).rejects.toBeInstanceOf(
    SettingsInvalid,
  );
});

test('names the field that is missing, and no value', async () => {
  const { storeAt } = fake();
  const variables = { DATABASE_USER: { secret: 'database', field: 'user' } };
  const environment = { STORED_VARIABLES: JSON.stringify({ ...stored, variables }) };
  const error = (await withStoredVariables(environment, storeAt).catch((thrown) => thrown)) as Error;
  expect(error.message).toContain('database has no user');
  expect(error.message).not.toContain('hush');
});

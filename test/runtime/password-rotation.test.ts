import { expect, test } from 'vitest';
import {
  makePasswordRotation,
  otherUser,
  type RotatedAccount,
  type RotatedDatabase,
} from '../../functions/runtime/password-rotation.ts';

const steps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const admin: RotatedAccount = { username: 'admin', password: 'admin-0' };

/** Servers that know passwords, and secrets with versions, as Secrets Manager keeps them. */
function makeScene() {
  const current = new Map([
    ['admin-secret', JSON.stringify(admin)],
    ['service-secret', JSON.stringify({ username: 'service_1', password: 'first' })],
    ['proxy-1', JSON.stringify({ username: 'service_1', password: 'first' })],
    ['proxy-2', JSON.stringify({ username: 'service_2', password: 'second' })],
  ]);
  const pending = new Map<string, string>();
  const servers = ['c0', 'journal A'].map(
    () =>
      new Map([
        ['admin', 'admin-0'],
        ['service_1', 'first'],
        ['service_2', 'second'],
      ]),
  );
  const away = new Set<number>();
  const databases = servers.map((known, index): RotatedDatabase => {
    const enter = ({ username, password }: RotatedAccount) => {
      if (away.has(index) || known.get(username) !== password) throw new Error('not let in');
    };
    return {
      async ensureAccount(as, account) {
        enter(as);
        known.set(account.username, account.password);
      },
      async changeAdmin(as, password) {
        enter(as);
        known.set(as.username, password);
      },
      tryAccount: async (account) => enter(account),
    };
  });
  let made = 0;
  const rotate = makePasswordRotation({
    secrets: {
      current: async (secret) => current.get(secret) ?? '',
      put: async (secret, value) => void current.set(secret, value),
      pending: async (secret, rotation) => pending.get(`${secret} ${rotation}`) ?? null,
      putPending: async (secret, rotation, value) => void pending.set(`${secret} ${rotation}`, value),
      promote: async (secret, rotation) =>
        void current.set(secret, pending.get(`${secret} ${rotation}`) ?? ''),
    },
    databases: async () => databases,
    newPassword: () => `new-${++made}`,
    secretNames: { admin: 'admin-secret', ofUser: (name) => (name.endsWith('_1') ? 'proxy-1' : 'proxy-2') },
  });
  const step = (Step: (typeof steps)[number], SecretId: string, ClientRequestToken = 'r1') =>
    rotate({ Step, SecretId, ClientRequestToken });
  return { current, servers, away, step };
}

test('two users take turns', () => {
  expect([otherUser('service_1'), otherUser('service_2'), otherUser('admin')]).toEqual([
    'service_2',
    'service_1',
    null,
  ]);
});

test('the user that is not in use gets a new password everywhere, at the proxies too, and is then the one in use', async () => {
  const { current, servers, step } = makeScene();
  for (const each of steps) await step(each, 'service-secret');
  const inUse = JSON.parse(current.get('service-secret') ?? '');
  expect(inUse).toEqual({ username: 'service_2', password: 'new-1' });
  expect(JSON.parse(current.get('proxy-2') ?? '')).toEqual(inUse);
  for (const known of servers) {
    expect(known.get('service_2')).toBe('new-1');
    // Who still holds the former one goes on working.
    expect(known.get('service_1')).toBe('first');
  }
  expect(JSON.parse(current.get('proxy-1') ?? '')).toEqual({ username: 'service_1', password: 'first' });
});

test('each step may come twice', async () => {
  const { current, servers, step } = makeScene();
  for (const each of steps) {
    await step(each, 'service-secret');
    await step(each, 'service-secret');
  }
  expect(JSON.parse(current.get('service-secret') ?? '').password).toBe('new-1');
  expect(servers.map((known) => known.get('service_2'))).toEqual(['new-1', 'new-1']);
});

test('while a database is away nothing comes into use; the rotation goes on when it is back', async () => {
  const { current, servers, away, step } = makeScene();
  away.add(1);
  await step('createSecret', 'service-secret');
  await expect(step('setSecret', 'service-secret')).rejects.toThrow('not let in');
  await expect(step('testSecret', 'service-secret')).rejects.toThrow('not let in');
  // The proxies are told last: until then they know what the servers know.
  expect(JSON.parse(current.get('proxy-2') ?? '').password).toBe('second');
  expect(JSON.parse(current.get('service-secret') ?? '').username).toBe('service_1');
  away.delete(1);
  for (const each of steps.slice(1)) await step(each, 'service-secret');
  expect(servers.map((known) => known.get('service_2'))).toEqual(['new-1', 'new-1']);
});

test("the administrator's password is changed in place, and a broken rotation is finished by its repeat", async () => {
  const { current, servers, away, step } = makeScene();
  await step('createSecret', 'admin-secret');
  away.add(1);
  await expect(step('setSecret', 'admin-secret')).rejects.toThrow('not let in');
  expect(servers.map((known) => known.get('admin'))).toEqual(['new-1', 'admin-0']);
  away.delete(1);
  for (const each of steps.slice(1)) await step(each, 'admin-secret');
  expect(servers.map((known) => known.get('admin'))).toEqual(['new-1', 'new-1']);
  expect(JSON.parse(current.get('admin-secret') ?? '')).toEqual({ username: 'admin', password: 'new-1' });
});

test('nothing is set before there is a new password', async () => {
  const { step } = makeScene();
  await expect(step('setSecret', 'service-secret')).rejects.toThrow('no new password yet');
});

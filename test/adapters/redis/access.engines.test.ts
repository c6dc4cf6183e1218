import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cacheAccess, cacheUser } from '../../../infra/stacks/cache-access.ts';
import { breakerCopiesContract } from '../contract/breaker-copies.ts';
import { cacheClusterContract } from '../contract/cache-cluster.ts';
import { callerCopiesContract } from '../contract/caller-copies.ts';
import { makeRedisSubject, redisUrl } from './subject.ts';

const database = 11;
const user = { name: `${cacheUser}-access-test`, password: 'a-password-of-the-test' };
let raw: Redis;

beforeAll(async () => {
  raw = new Redis(redisUrl(database));
  // The service's own user needs no database but the first; tests have one each.
  await raw.call('ACL', 'SETUSER', user.name, `>${user.password}`, ...cacheAccess.split(' '), '+select');
});
afterAll(async () => {
  await raw.call('ACL', 'DELUSER', user.name);
  raw.disconnect();
});

cacheClusterContract('redis, as the user that the infrastructure makes', () =>
  makeRedisSubject(database, user),
);
callerCopiesContract('redis, as the user that the infrastructure makes', () =>
  makeRedisSubject(database, user),
);
breakerCopiesContract('redis, as the user that the infrastructure makes', () =>
  makeRedisSubject(database, user),
);

test('that user may do nothing else', async () => {
  const connection = new Redis(redisUrl(database), { username: user.name, password: user.password });
  for (const command of [
    ['keys', '*'],
    ['config', 'get', '*'],
    ['flushall'],
    ['acl', 'list'],
    ['subscribe', 'x'],
  ]) {
    await expect(connection.call(...(command as [string, ...string[]]))).rejects.toThrow(/NOPERM/);
  }
  connection.disconnect();
});

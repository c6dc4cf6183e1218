import { expect, test } from 'vitest';
import { serverAddress, serversByDatabase } from '../../functions/runtime/published-servers.ts';

test("a database cluster's servers are found in both centres, each journal's by itself", () => {
  const published = {
    '/membership/small/A/database/c0/writer': 'proxy-a:3306',
    '/membership/small/A/database/c0/servers/0': 'a0:3306',
    '/membership/small/A/database/journal': 'proxy-ja:3306',
    '/membership/small/A/database/journal/servers/0': 'ja:3306',
    '/membership/small/B/database/c0/replicas/r0': 'b0:3306',
    '/membership/small/B/database/journal/servers/0': 'jb:3306',
  };
  expect(serversByDatabase(published)).toEqual([['a0:3306', 'b0:3306'], ['ja:3306'], ['jb:3306']]);
});

test('an address is taken apart from its end', () => {
  const { host, port } = serverAddress('x.cluster-1.rds.amazonaws.com:3306', {
    username: 'u',
    password: 'p',
  });
  expect([host, port]).toEqual(['x.cluster-1.rds.amazonaws.com', 3306]);
});

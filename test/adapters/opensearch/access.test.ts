import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSearchClient } from '../../../functions/adapters/opensearch/client.ts';
import { ensureServiceUser } from '../../../functions/adapters/opensearch/prepare-access.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { wallClock as clock } from '../wall-clock.ts';

interface Asked {
  readonly what: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

let asked: Asked[];
let status: number;
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  status = 200;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const { method, url: path, headers } = request;
      asked.push({ what: `${method} ${path}`, authorization: headers.authorization, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"secret":"told"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
});
afterEach(() => close());

const soon = () => deadlineAfter(clock, 10_000);
const basic = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

test('a cluster that asks who one is gets user and password with each request', async () => {
  const send = makeSearchClient({ name: 'search', url, clock, user: { name: 'u', password: 'p:w' } });
  await send({ method: 'GET', path: '/members/_search' }, soon());
  expect(asked.map(({ authorization }) => authorization)).toEqual([basic('u', 'p:w')]);
});

test('one that asks nobody gets none', async () => {
  await makeSearchClient({ name: 'search', url, clock })({ method: 'GET', path: '/' }, soon());
  expect(asked.map(({ authorization }) => authorization)).toEqual([undefined]);
});

const request = () => ({
  name: 'search',
  url,
  clock,
  user: { name: 'admin', password: 'a' },
  account: { username: 'membership', password: 's' },
  deadline: soon(),
});

test("the administrator gives the service's user a role of its indexes alone", async () => {
  await ensureServiceUser(request());
  expect(asked.map(({ what }) => what)).toEqual([
    'PUT /_plugins/_security/api/roles/membership',
    'PUT /_plugins/_security/api/internalusers/membership',
    'PUT /_plugins/_security/api/rolesmapping/membership',
  ]);
  expect(asked.every(({ authorization }) => authorization === basic('admin', 'a'))).toBe(true);
  const { index_permissions: permissions } = JSON.parse(asked[0]?.body ?? '');
  expect(permissions.map(({ index_patterns: patterns }: { index_patterns: string[] }) => patterns)).toEqual([
    ['members-*', 'identifiers-*'],
  ]);
});

test('a refusal is told without what the cluster said', async () => {
  status = 400;
  const refused = await ensureServiceUser(request()).catch((error: Error) => error);
  expect(String(refused)).toContain('roles/membership was refused: 400');
  expect(String(refused)).not.toContain('told');
});

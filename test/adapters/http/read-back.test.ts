import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeReadBack } from '../../../functions/adapters/http/read-back.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { wallClock as clock } from '../wall-clock.ts';

const servers: ReturnType<typeof createServer>[] = [];

async function readBackOf(listener: RequestListener) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return makeReadBack({ name: 'api-b', url, key: 'the-key', clock });
}

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map(
      (server) =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    ),
  );
});

const soon = () => deadlineAfter(clock, 5_000);
const phone = { kind: 'phone', value: '+8613800000001' } as const;

describe('reading back over HTTP', () => {
  it('asks as a caller does', async () => {
    const asked: unknown[] = [];
    const readBack = await readBackOf(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      asked.push([request.method, request.url, request.headers.authorization, body]);
      response.writeHead(200, { 'x-freshness': 'bounded', 'x-source': 'cache' });
      response.end('{"memberId": "M1", "version": 7, "name": "x"}');
    });
    const answer = { memberId: 'M1', version: 7, freshness: 'bounded', source: 'cache' };
    expect(await readBack.member('M1', soon())).toEqual(answer);
    expect(await readBack.lookUp(phone, soon())).toEqual(answer);
    await readBack.lookUp({ kind: 'account', platform: 'elong-app', value: 'e-1' }, soon());
    expect(asked).toEqual([
      ['GET', '/v1/members/M1', 'Bearer the-key', ''],
      ['POST', '/v1/members/lookup', 'Bearer the-key', '{"phone":"+8613800000001"}'],
      [
        'POST',
        '/v1/members/lookup',
        'Bearer the-key',
        '{"account":{"platform":"elong-app","accountId":"e-1"}}',
      ],
    ]);
  });

  it('knows nobody', async () => {
    const readBack = await readBackOf((_, response) =>
      response.writeHead(404, { 'x-freshness': 'fresh', 'x-source': 'writer' }).end('{}'),
    );
    const answer = { memberId: null, version: null, freshness: 'fresh', source: 'writer' };
    expect(await readBack.member('M1', soon())).toEqual(answer);
  });

  it.each<[string, RequestListener]>([
    ['a refusal', (_, response) => response.writeHead(503, { 'x-freshness': 'fresh' }).end('{}')],
    ['an answer that says nothing of its freshness', (_, response) => response.end('{}')],
    ['what is not JSON', (_, response) => response.writeHead(200, { 'x-freshness': 'fresh' }).end('<')],
    ['a hang-up', (request) => request.socket.destroy()],
  ])('takes %s for no answer', async (_, listener) => {
    const readBack = await readBackOf(listener);
    await expect(readBack.member('M1', soon())).rejects.toMatchObject({
      code: 'dependency-unavailable',
      part: 'api-b',
    });
  });

  it('waits no longer than its deadline', async () => {
    const readBack = await readBackOf(() => {});
    await expect(readBack.member('M1', deadlineAfter(clock, 20))).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });
});

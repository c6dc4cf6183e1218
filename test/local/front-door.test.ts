import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { healthCheck, recordsOf } from '../../functions/runtime/routing.ts';
import { choose, type FrontDoor, makeJudge, startFrontDoor } from '../../scripts/local/front-door.ts';

describe('a judge', () => {
  it('turns only after enough answers of the other kind in a row', () => {
    const judge = makeJudge(3);
    const told = [true, false, false, true, false, false, false, true, true, false, true, true, true].map(
      (answer) => {
        judge.heard(answer);
        return judge.isWell();
      },
    );
    expect(told).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});

describe('the records', () => {
  const both = { A: true, B: true };
  const equal = { A: 1, B: 1 };

  it.each([
    [both, 'A'],
    [{ A: false, B: true }, 'B'],
    [{ A: true, B: false }, 'A'],
    [{ A: false, B: false }, 'A'],
  ] as const)('of the critical lane fail over: %j is %s', (health, centre) => {
    expect(choose(recordsOf.critical, health, 0.99)).toBe(centre);
  });

  it.each([
    [both, equal, 0.49, 'A'],
    [both, equal, 0.5, 'B'],
    [both, { A: 3, B: 1 }, 0.74, 'A'],
    [both, { A: 3, B: 1 }, 0.75, 'B'],
    [{ A: false, B: true }, equal, 0, 'B'],
    [{ A: true, B: false }, equal, 0.99, 'A'],
    [{ A: false, B: false }, equal, 0.7, 'B'],
  ] as const)('of the marketing lane are weighted: %j by %j at %d is %s', (health, weights, at, centre) => {
    expect(choose({ policy: 'weighted', weights }, health, at)).toBe(centre);
  });
});

describe('the door', () => {
  const servers: Server[] = [];
  let door: FrontDoor | undefined;
  afterEach(async () => {
    await door?.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function centre(name: string) {
    const seen = { healthy: true, connections: 0, requests: [] as string[] };
    const server = createServer(async (request, response) => {
      if (request.url === '/health') {
        response.writeHead(seen.healthy ? 200 : 503).end();
        return;
      }
      let body = '';
      for await (const chunk of request) body += String(chunk);
      seen.requests.push(
        `${request.method} ${request.url} ${request.headers['x-thing'] ?? ''} ${body}`.trim(),
      );
      response.writeHead(201, { 'x-centre': name, etag: '"7"' }).end(`from ${name}`);
    });
    server.on('connection', () => seen.connections++);
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const stop = () => {
      server.closeAllConnections();
      return new Promise((stopped) => server.close(stopped));
    };
    return { url, seen, stop };
  }

  async function open(lane: Lane = 'critical', random = () => 0) {
    const [a, b] = [await centre('A'), await centre('B')];
    // The tests ask for the health themselves, check by check.
    door = await startFrontDoor({
      port: 0,
      lane,
      centres: { A: a.url, B: b.url },
      random,
      everyMs: 3_600_000,
    });
    const { url, check } = door;
    const turn = async () => {
      for (let count = 0; count < healthCheck.failureThreshold; count++) await check();
    };
    const from = async () => (await fetch(`${url}/x`)).headers.get('x-centre');
    return { a, b, url, turn, from };
  }

  it('passes requests and answers as they are', async () => {
    const { a, url } = await open();
    const answer = await fetch(`${url}/v1/members?x=%20`, {
      method: 'POST',
      body: 'hello',
      headers: { 'X-Thing': '1' },
    });
    expect([answer.status, answer.headers.get('etag'), await answer.text()]).toEqual([201, '"7"', 'from A']);
    expect(a.seen.requests).toEqual(['POST /v1/members?x=%20 1 hello']);
  });

  it('keeps its connections', async () => {
    const { a, from } = await open();
    for (let count = 0; count < 5; count++) await from();
    expect(a.seen.connections).toBe(1);
  });

  it('goes to B once A is unwell for long enough, and back', async () => {
    const { a, turn, from } = await open();
    a.seen.healthy = false;
    expect(await from()).toBe('A');
    await turn();
    expect(await from()).toBe('B');
    a.seen.healthy = true;
    await turn();
    expect(await from()).toBe('A');
  });

  it('spreads the marketing lane', async () => {
    const at = [0.1, 0.9, 0.2];
    const { from } = await open('marketing', () => at.shift() ?? 0);
    expect([await from(), await from(), await from()]).toEqual(['A', 'B', 'A']);
  });

  it('answers 503 and tries nobody else when the centre does not take the connection', async () => {
    const { a, b, url, turn, from } = await open();
    await a.stop();
    const answer = await fetch(`${url}/x`, { method: 'POST', body: 'hello' });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'unavailable']);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(b.seen.requests).toEqual([]);
    await turn();
    expect(await from()).toBe('B');
  });
});

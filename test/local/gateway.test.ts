import { request as requestHttp } from 'node:http';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { InvocationOutcome } from '../../scripts/local/functions.ts';
import { payloadBytesMax, startGateway } from '../../scripts/local/gateway.ts';
import type { HttpServer } from '../../scripts/local/http-server.ts';
import { makeThrottle, type Throttle } from '../../scripts/local/throttle.ts';
import { makeHandClock } from '../adapters/wall-clock.ts';

let gateway: HttpServer | undefined;
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});

const fine: InvocationOutcome = { kind: 'answered', result: { statusCode: 204 } };

const enough = { perSecond: 1_000, burst: 1_000 };
const unlimited = { read: enough, batch: enough, write: enough, health: enough, open: enough };
const noThrottle = makeThrottle(unlimited);

async function start(
  outcome: InvocationOutcome = fine,
  lane: Lane = 'critical',
  throttle: Throttle = noThrottle,
) {
  const invoked: { name: string; event: APIGatewayProxyEventV2 }[] = [];
  gateway = await startGateway({
    port: 0,
    lane,
    throttle,
    async invoke(name, event) {
      invoked.push({ name, event });
      return outcome;
    },
  });
  return { url: gateway.url, invoked };
}

describe('an event', () => {
  it('is what API Gateway makes of a request', async () => {
    const { url, invoked } = await start();
    await fetch(`${url}/v1/members/m1/bindings/account%3Aelong-app?a=1&b=2&a=3%20`, {
      method: 'DELETE',
      headers: { 'Idempotency-Key': 'k', cookie: 'x=1; y=2' },
    });
    const [{ name, event } = { name: '', event: undefined }] = invoked;
    expect(name).toBe('unbind-identifier');
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'DELETE /v1/members/{memberId}/bindings/{field}',
      rawPath: '/v1/members/m1/bindings/account%3Aelong-app',
      rawQueryString: 'a=1&b=2&a=3%20',
      cookies: ['x=1', 'y=2'],
      headers: { 'idempotency-key': 'k' },
      queryStringParameters: { a: '1,3 ', b: '2' },
      pathParameters: { memberId: 'm1', field: 'account:elong-app' },
      requestContext: {
        http: { method: 'DELETE', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        stage: '$default',
      },
      isBase64Encoded: false,
    });
    expect(event?.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
  });

  it.each([
    ['text', '{"name":"王"}', '{"name":"王"}', false],
    ['bytes', Buffer.from([0xff, 0x00]), '/wA=', true],
  ])('carries a body of %s', async (_, body, expected, isBase64Encoded) => {
    const { url, invoked } = await start();
    await fetch(`${url}/v1/members`, { method: 'POST', body });
    expect(invoked).toMatchObject([{ name: 'register-member', event: { body: expected, isBase64Encoded } }]);
  });

  it('has an id of its own', async () => {
    const { url, invoked } = await start();
    await Promise.all([fetch(url), fetch(url)]);
    expect(new Set(invoked.map(({ event }) => event.requestContext.requestId)).size).toBe(2);
  });

  it('goes to no-route when there is none, also for another method', async () => {
    const { url, invoked } = await start();
    await fetch(`${url}/nowhere`);
    await fetch(`${url}/v1/members/m1`, { method: 'PUT' });
    expect(invoked).toMatchObject([
      { name: 'no-route', event: { routeKey: '$default' } },
      { name: 'no-route', event: { routeKey: '$default' } },
    ]);
  });

  it('joins headers that come more than once', async () => {
    const { url, invoked } = await start();
    await new Promise<void>((resolve) => {
      requestHttp(url, { headers: { 'X-Thing': ['a', 'b'] } }, (answer) =>
        answer.resume().on('end', resolve),
      ).end();
    });
    expect(invoked[0]?.event.headers['x-thing']).toBe('a,b');
  });
});

describe('an answer', () => {
  it('is the result as HTTP', async () => {
    const headers = { 'content-type': 'application/json', etag: '"7"', age: 3 };
    const { url } = await start({
      kind: 'answered',
      result: { statusCode: 201, headers, body: '{"name":"王"}', cookies: ['a=1', 'b=2'] },
    });
    const answer = await fetch(url);
    expect(answer.status).toBe(201);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: '"7"',
      age: '3',
      'content-length': '14',
    });
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await answer.json()).toEqual({ name: '王' });
  });

  it('is decoded from base64', async () => {
    const { url } = await start({
      kind: 'answered',
      result: { statusCode: 200, body: 'aGk=', isBase64Encoded: true },
    });
    expect(await (await fetch(url)).text()).toBe('hi');
  });

  it.each([
    ['a function that fails', { kind: 'failed', message: 'a stack' }, 500, 'internal'],
    ['a result that is none', { kind: 'answered', result: { body: 'x' } }, 500, 'internal'],
    ['no result', { kind: 'answered', result: undefined }, 500, 'internal'],
    ['no environment', { kind: 'throttled' }, 503, 'unavailable'],
  ] as const)('of %s is a problem', async (_, outcome, status, code) => {
    const { url } = await start(outcome);
    const answer = await fetch(url);
    const text = await answer.text();
    expect([answer.status, JSON.parse(text).code]).toEqual([status, code]);
    expect(answer.headers.get('retry-after')).toBe(status === 503 ? '1' : null);
    expect(text).not.toContain('stack');
  });

  it('is 413 above 10 MB, and no function hears of it', async () => {
    const { url, invoked } = await start();
    const answer = await fetch(url, { method: 'POST', body: Buffer.alloc(payloadBytesMax + 1) });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      413,
      'body-too-large',
    ]);
    expect(invoked).toEqual([]);
  });
});

/** What is answered to a POST that has not sent its body, and never will. */
function answerToHeaders(url: string): Promise<{ status?: number; headers: object; body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': 100 };
    const outgoing = requestHttp(url, { method: 'POST', headers }, async (incoming) => {
      let text = '';
      for await (const chunk of incoming) text += chunk;
      outgoing.destroy();
      resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: JSON.parse(text) });
    });
    outgoing.on('error', reject);
    outgoing.flushHeaders();
  });
}

describe('above the rate of its lane', () => {
  const one = { perSecond: 2, burst: 2 };

  it('a request is refused before its body is read, and no function hears of it', async () => {
    const clock = makeHandClock();
    const { url, invoked } = await start(fine, 'marketing', makeThrottle({ ...unlimited, read: one }, clock));
    const lookUp = () => fetch(`${url}/v1/members/lookup`, { method: 'POST', body: '{}' });
    const statuses = [await lookUp(), await lookUp(), await lookUp()].map(({ status }) => status);
    expect(statuses).toEqual([204, 204, 429]);
    const early = await answerToHeaders(`${url}/v1/members/lookup`);
    expect(early).toMatchObject({
      status: 429,
      headers: {
        'content-type': 'application/problem+json',
        'retry-after': '1',
        ratelimit: '"read";r=0;t=1',
        'ratelimit-policy': '"read";q=2;w=1',
      },
      body: { status: 429, code: 'too-many-requests' },
    });
    expect(invoked).toHaveLength(2);

    clock.advance(500);
    expect([(await lookUp()).status, (await lookUp()).status]).toEqual([204, 429]);
  });

  it('each kind of request is counted for itself, and what has no route as a read', async () => {
    const clock = makeHandClock();
    const throttle = makeThrottle({ read: one, batch: one, write: one, health: one, open: one }, clock);
    const { url } = await start(fine, 'marketing', throttle);
    const ask = async (method: string, path: string) => (await fetch(`${url}${path}`, { method })).status;
    const counts = async (method: string, path: string) =>
      [await ask(method, path), await ask(method, path), await ask(method, path)].filter((s) => s === 204)
        .length;
    expect(await counts('GET', '/v1/members/m1')).toBe(2);
    expect(await counts('GET', '/nowhere')).toBe(0);
    expect(await counts('POST', '/v1/members/lookup-batch')).toBe(2);
    expect(await counts('POST', '/v1/members')).toBe(2);
    expect(await counts('PATCH', '/v1/members/m1')).toBe(0);
    expect(await counts('GET', '/health')).toBe(2);
  });
});

it('says so when somebody else has its port', async () => {
  const { url } = await start();
  const port = Number(new URL(url).port);
  await expect(
    startGateway({ port, lane: 'critical', throttle: noThrottle, invoke: async () => fine }),
  ).rejects.toThrow(`port ${port}`);
});

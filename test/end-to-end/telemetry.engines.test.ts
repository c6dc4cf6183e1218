/** Every request has exactly one record, a change is followed through the queues, and `top` shows what was just done. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { logFileOf } from '../../scripts/local/data.ts';
import { homeDirectory } from '../../scripts/local/locations.ts';
import type { Picture } from '../../scripts/top/watch.ts';
import { type EmfLine, validEmf } from '../runtime/telemetry/emf-check.ts';
import { lookUp, makeApi, newIdentifiers } from './api.ts';
import { runScript } from './copy.ts';
import { everywhere, runningCopy } from './running.ts';

const copy = runningCopy();
const { A, B } = everywhere(copy);
const { key } = copy.status.callers.orders;
const api = makeApi(key);
const variables = { MEMBERSHIP_HOME: copy.home, MEMBERSHIP_BASE_PORT: String(copy.basePort) };

/** The records of a centre's functions. Every line that claims to be one must be valid. */
const recordsOf = (centre: 'a' | 'b'): readonly EmfLine[] =>
  readFileSync(logFileOf(copy.home, `functions-${centre}`), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"_aws"') && line.endsWith('}'))
    .map((line) => validEmf(`${line}\n`));

const newTrace = () => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, traceparent: `00-${traceId}-${spanId}-01` };
};

/** What is logged may be a moment behind what was answered. */
async function eventually<Found>(find: () => Found | undefined, tries = 100): Promise<Found | undefined> {
  for (let left = tries; ; left--) {
    const found = find();
    if (found !== undefined || left === 0) return found;
    await pause(100);
  }
}

/** One request, sent once: the answer matters little here. */
async function send(
  base: string,
  method: string,
  path: string,
  trace: string,
  body?: object,
): Promise<number> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${key}`,
    traceparent: trace,
    'idempotency-key': randomBytes(8).toString('hex'),
    ...(body && { 'content-type': 'application/json' }),
  };
  const response = await fetch(`${base}${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

interface Linked extends EmfLine {
  readonly trace_id: string;
  readonly span_id: string;
  readonly links?: readonly { readonly trace_id: string; readonly span_id: string }[];
}

test("a change in A is in one trace with the other centre's consumer", async () => {
  let consumed: Linked | undefined;
  // A message that the queue did not take in time is no loss, the relay is there; but then no consumer sees it.
  for (let tries = 0; tries < 5 && !consumed; tries++) {
    const { traceId, traceparent } = newTrace();
    await send(A, 'POST', '/v1/members', traceparent, newIdentifiers());
    // The consumer of A may have one in the same trace, of what A's own search cluster did not take in time.
    const request = await eventually(() =>
      (recordsOf('a') as Linked[]).find(
        (line) => line.trace_id === traceId && line.operation === 'register-member',
      ),
    );
    expect(request).toMatchObject({
      centre: 'A',
      lane: 'critical',
      caller: 'orders',
    });
    if (request?.outcome !== 'ok') continue;
    consumed = await eventually(() =>
      (recordsOf('b') as Linked[]).find(({ links }) => links?.some((link) => link.trace_id === traceId)),
    );
    if (!consumed) continue;
    expect(consumed).toMatchObject({
      operation: 'apply-change',
      centre: 'B',
      searchMs: expect.any(Number),
    });
    expect(consumed.links).toContainEqual({ trace_id: traceId, span_id: request.span_id });
    if (consumed.links?.length === 1)
      expect(consumed).toMatchObject({ trace_id: traceId, parent_span_id: request.span_id });
  }
  expect(consumed).toBeDefined();
});

test('every request has exactly one record, whatever becomes of it', async () => {
  const { traceId, traceparent } = newTrace();
  const nobody = `/v1/members/${'0'.repeat(8)}-0000-7000-8000-${'0'.repeat(12)}`;
  const asked: (readonly [string, string, object?])[] = [
    ['GET', nobody],
    ['GET', '/v1/members/none'],
    ['POST', '/v1/members/lookup', { phone: '+8613900000000' }],
    ['POST', '/v1/members', { name: 1 }],
    ['PATCH', nobody, { name: 'Nobody' }],
    ['POST', `${nobody}/bindings`, { cardNo: '7700000000' }],
    ['DELETE', `${nobody}/bindings/phone`],
    ['DELETE', nobody],
    ['PUT', nobody],
    ['GET', '/nowhere'],
  ];
  for (const base of [A, B]) {
    for (const [method, path, body] of asked) await send(base, method, path, traceparent, body);
  }
  for (const centre of ['a', 'b'] as const) {
    const own = () => (recordsOf(centre) as Linked[]).filter((line) => line.trace_id === traceId);
    await eventually(() => (own().length >= asked.length ? true : undefined));
    expect(own().map(({ operation }) => operation)).toEqual([
      ...[
        'get-member',
        'get-member',
        'look-up-member',
        'register-member',
        'update-member',
        'bind-identifier',
      ],
      ...['unbind-identifier', 'cancel-member', 'no-route', 'no-route'],
    ]);
    expect(new Set(own().map(({ span_id }) => span_id)).size).toBe(asked.length);
  }
});

test('the relays of both centres report how far behind everything is', async () => {
  const reports = await eventually(() => {
    const [a, b] = (['a', 'b'] as const).map((centre) =>
      recordsOf(centre).findLast((line) => line.operation === 'relay-outbox' && line.outcome === 'ok'),
    );
    return a && b ? { a, b } : undefined;
  }, 300);
  expect(reports?.a).toMatchObject({
    centre: 'A',
    outboxRows: expect.any(Array),
    outboxAgeMs: expect.any(Array),
    writeLeaseMs: expect.any(Array),
    queueMessages: expect.any(Number),
    deadLetters: 0,
  });
  expect(reports?.b).toMatchObject({
    centre: 'B',
    journalRows: expect.any(Array),
    replicaLagMs: expect.any(Array),
    queueMessages: expect.any(Number),
  });
});

describe('top', () => {
  const top = (...args: string[]) => runScript('scripts/top.ts', args, variables);
  const pictured = async (): Promise<Picture> =>
    JSON.parse((await top('--once', '--json', '--seconds', '120')).output);
  const readsIn = ({ centres }: Picture): number => centres.B.lanes.critical?.read.requests ?? 0;

  test('shows the requests just made', async () => {
    const before = await pictured();
    for (let count = 0; count < 7; count++) await lookUp(api, B, { phone: '+8613900000001' });
    let after = await pictured();
    for (let tries = 0; tries < 20 && readsIn(after) < readsIn(before) + 7; tries++) after = await pictured();
    expect(readsIn(after)).toBeGreaterThanOrEqual(readsIn(before) + 7);
    expect(after.centres.B.errors['no-such-member']).toBeGreaterThanOrEqual(7);
    expect(after.centres.B.lanes.critical?.read).toMatchObject({
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
      hitRate: expect.any(Number),
      freshness: { fresh: expect.any(Number) },
    });
    expect(Object.keys(after.centres.A.relay?.databases ?? {})).toEqual(['c0', 'c1']);
    expect(Object.keys(after.centres.B.relay?.redis ?? {})).toEqual(['redis-b-0', 'redis-b-1']);
  });

  test('prints one frame where there is no terminal', async () => {
    const { exitCode, output } = await top();
    expect(exitCode).toBe(0);
    expect(output).toMatch(/Centre A .*Centre B/);
    expect(output).toMatch(/redis-b-0\s+ready/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: no colours, and no moving about
    expect(output).not.toMatch(/\u001b/);
  });

  test('says what to do when nothing runs, and what is wrong with how it was called', async () => {
    const elsewhere = { MEMBERSHIP_HOME: `${homeDirectory(process.env)}-nowhere` };
    const nothing = await runScript('scripts/top.ts', [], elsewhere);
    expect([nothing.exitCode, nothing.output]).toEqual([1, expect.stringContaining('npm start')]);
    for (const args of [['--seconds', '0'], ['--seconds', 'x'], ['--twice'], ['more']]) {
      expect((await top(...args)).exitCode, args.join(' ')).toBe(2);
    }
    expect(await top('--help')).toMatchObject({ exitCode: 0, output: expect.stringContaining('--once') });
  });
});

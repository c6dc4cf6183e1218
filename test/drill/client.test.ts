/** The drill's client: which name it asks, how long, what it records and what it counts. */
import { expect, it } from 'vitest';
import { makeClient } from '../../scripts/drill/traffic/client.ts';
import { makeIdentifierHash } from '../../scripts/drill/traffic/entries.ts';
import type { Seen } from '../../scripts/drill/traffic/seen.ts';
import type { HistoryEntry } from '../../scripts/judge/history.ts';
import { NoReply, type Reply, type Send } from '../../scripts/load/api-client.ts';

const names = { 'front-door': 'http://front', A: 'http://a', B: 'http://b' } as const;
const found: Reply = {
  status: 200,
  headers: { 'x-freshness': 'fresh', 'x-source': 'cache' },
  body: { memberId: 'M1', version: 7 },
};
const receipt: Reply = {
  status: 200,
  headers: {},
  body: { receipt: { memberId: 'M1', version: 8, durability: 'both-centres' } },
};
const refused: Reply = { status: 503, headers: { 'retry-after': '1' }, body: { code: 'unavailable' } };

/** A client whose every attempt takes a second, or all that it may, and is answered so, in turn; null is no answer. */
function clientOf(answers: readonly (Reply | null)[], frontDoorAt: 'A' | 'B' = 'A') {
  const seen: Seen = { attempts: [], requests: [] };
  const history: HistoryEntry[] = [];
  const asked: { base: string; withinMs: number | undefined }[] = [];
  const pauses: number[] = [];
  const left = [...answers];
  let atMs = 0;
  const send: Send = async (base, _method, _path, options) => {
    asked.push({ base, withinMs: options?.withinMs });
    const answer = left.shift() ?? null;
    atMs += answer === null ? (options?.withinMs ?? 0) : 1_000;
    if (answer === null) throw new NoReply('none');
    return answer;
  };
  const client = makeClient({
    ...{ send, lane: 'critical', names, seen },
    frontDoorAt: () => frontDoorAt,
    hash: makeIdentifierHash(Buffer.from('key')),
    history: (entry) => history.push(entry),
    nowMs: () => atMs,
    async pause(ms) {
      pauses.push(ms);
      atMs += ms;
    },
  });
  return { client, seen, history, asked, pauses };
}

it('an answer is asked for once, and recorded', async () => {
  const { client, seen, history, asked } = clientOf([found]);
  expect(await client(names['front-door'], 'GET', '/v1/members/M1')).toBe(found);
  expect(asked).toEqual([{ base: names['front-door'], withinMs: 1_300 }]);
  expect(seen.requests).toMatchObject([{ attempts: 1, failure: null, source: 'cache', freshness: 'fresh' }]);
  expect(history).toMatchObject([
    { op: 'get', memberId: 'M1', centre: 'front-door', status: 200, version: 7, freshness: 'fresh' },
  ]);
});

it('no answer, or a 5xx, is asked once more on the other centre’s name, in what is left of the time', async () => {
  const { client, seen, asked } = clientOf([null, found]);
  expect(await client(names['front-door'], 'GET', '/v1/members/M1')).toBe(found);
  expect(asked[1]).toEqual({ base: names.B, withinMs: 1_200 });
  expect(seen.requests).toMatchObject([{ startMs: 0, endMs: 2_300, attempts: 2, failure: null }]);
  expect(seen.attempts.map(({ target, failure }) => [target, failure])).toEqual([
    ['front-door', 'no answer'],
    ['B', null],
  ]);
});

it('the other centre is the one that the front door does not lead to, or that was not asked by its own name', async () => {
  const away = clientOf([refused, found], 'B');
  await away.client(names['front-door'], 'GET', '/v1/members/M1');
  expect(away.asked[1]?.base).toBe(names.A);
  const own = clientOf([refused, found]);
  await own.client(names.B, 'GET', '/v1/members/M1');
  expect(own.asked[1]?.base).toBe(names.A);
});

it('a write waits as long as it was told before it asks again', async () => {
  const { client, asked, pauses } = clientOf([refused, receipt]);
  await client(names['front-door'], 'PATCH', '/v1/members/M1', { body: { level: 2 }, idempotencyKey: 'k' });
  expect(pauses).toEqual([1_000]);
  expect(asked[1]).toEqual({ base: names.B, withinMs: 10_000 });
});

it('two failures are one failed request; without any answer there is none to give', async () => {
  const refusedTwice = clientOf([null, refused]);
  expect(await refusedTwice.client(names['front-door'], 'GET', '/v1/members/M1')).toBe(refused);
  expect(refusedTwice.seen.requests).toMatchObject([{ attempts: 2, failure: '503 unavailable' }]);
  const silent = clientOf([null, null]);
  await expect(silent.client(names['front-door'], 'GET', '/v1/members/M1')).rejects.toThrow(NoReply);
  expect(silent.seen.requests).toMatchObject([{ failure: 'no answer' }]);
  expect(silent.history.map(({ status }) => status)).toEqual(['timeout', 'timeout']);
});

it('a write that is sent again under its key is counted once, and recorded each time as the same request', async () => {
  const { client, seen, history } = clientOf([null, null, receipt]);
  const again = () =>
    client(names['front-door'], 'POST', '/v1/members/M1/bindings', {
      body: { account: { platform: 'elong-app', accountId: 'el-1' } },
      idempotencyKey: 'k',
    });
  await again().catch(() => {});
  await again();
  expect(seen.requests).toMatchObject([{ failure: 'no answer' }]);
  expect(seen.attempts.map(({ isFirst }) => isFirst)).toEqual([true, true, false]);
  expect(history).toHaveLength(3);
  const [first, , last] = history;
  expect(first).toMatchObject({ op: 'bind', identifier: { kind: 'account:elong-app' }, input: { key: 'k' } });
  expect(last).toMatchObject({ identifier: first?.identifier, input: first?.input, version: 8 });
  expect(last?.durability).toBe('both-centres');
});

it('a refusal of what was asked is an answer', async () => {
  const bound: Reply = {
    status: 409,
    headers: {},
    body: { code: 'identifier-bound', errors: [{ path: '/accounts/1' }, { path: '/phone' }] },
  };
  const { client, seen, history } = clientOf([bound]);
  const accounts = ['tongcheng-app', 'elong-app'].map((platform) => ({ platform, accountId: 'x' }));
  await client(names['front-door'], 'POST', '/v1/members', {
    body: { name: 'n', phone: '+8613800000001', accounts },
    idempotencyKey: 'k',
  });
  expect(seen.requests).toMatchObject([{ failure: null, attempts: 1 }]);
  expect(history).toMatchObject([
    { op: 'register', code: 'identifier-bound', fields: ['account:elong-app', 'phone'], memberId: null },
  ]);
  expect(history[0]?.input?.identifiers?.map(({ kind }) => kind)).toEqual([
    'account:tongcheng-app',
    'account:elong-app',
    'phone',
  ]);
  expect(JSON.stringify(history)).not.toContain('13800000001');
});

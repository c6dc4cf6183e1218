/** Fakes of the core's flows, and events as API Gateway sends them: what the tests of handlers stand on. */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { ReadAnswer, ReadOutcome } from '../../functions/core/cache/answers.ts';
import type { Caller } from '../../functions/core/caller/caller.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import type { Member } from '../../functions/core/member/member.ts';
import type { WriteOutcome } from '../../functions/core/member/outcomes.ts';
import { answerSchemas, problemAnswerOf } from '../../functions/runtime/api/answer-schemas.ts';
import type { ApiParts } from '../../functions/runtime/api/parts.ts';
import { problems } from '../../functions/runtime/api/problems.ts';
import { makeBodies } from '../../functions/runtime/api/schemas.ts';
import type { ApiHandler } from '../../functions/runtime/middleware/api-handler.ts';
import { lineOf } from '../../functions/runtime/telemetry/emf.ts';
import { makeMeter } from '../../functions/runtime/telemetry/meter.ts';
import { makeTraces } from '../../functions/runtime/telemetry/traces.ts';

export const key = 'key-of-orders';
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const orders: Caller = {
  name: 'orders',
  owner: 'order team',
  purpose: 'finds members for orders',
  lane: 'critical',
  state: 'active',
  keyHashes: [hashOf(key)],
};

export const topology: Topology = {
  format: 1,
  version: 1,
  epoch: 1,
  writer: 'A',
  search: { critical: ['primary', 'backup'], marketing: ['marketing', 'backup'] },
  suspendedParts: [],
  shardMapVersion: 1,
  revokedKeyHashes: [],
};

export const member: Member = {
  memberId: '01890a5d-ac96-774b-bcce-b302099a8057',
  version: 4294967297,
  status: 'active',
  name: '王小明',
  level: 3,
  holdings: [
    { identifier: { kind: 'account', platform: 'tongcheng-app', value: 'tc-1' }, key: 'k3', token: 't3' },
    { identifier: { kind: 'account', platform: 'elong-app', value: 'el-1' }, key: 'k2', token: 't2' },
    { identifier: { kind: 'phone', value: '+8613800000001' }, key: 'k1', token: 't1' },
  ],
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
};

export const done: WriteOutcome = {
  kind: 'done',
  member,
  receipt: { memberId: member.memberId, version: member.version, epoch: 1, durability: 'both-centres' },
};

export interface FakeParts extends ApiParts {
  /** What was asked of the core, in order. */
  readonly calls: { readonly name: string; readonly args: readonly unknown[] }[];
  readonly lines: object[];
  /** The same, as they are written. */
  readonly written: string[];
}

/** What the fakes answer: a value, or an error to throw. */
export interface Scene {
  readonly answer?: ReadAnswer | Error;
  readonly outcomes?: readonly ReadOutcome[] | Error;
  readonly outcome?: WriteOutcome | Error;
  readonly callers?: readonly Caller[];
  readonly topology?: Topology;
  readonly health?: 'serving' | 'failing';
  readonly parts?: Partial<ApiParts>;
}

export function fakeParts(scene: Scene = {}): FakeParts {
  const { answer, outcome = done, callers = [orders], health = 'serving' } = scene;
  const calls: { name: string; args: readonly unknown[] }[] = [];
  const lines: object[] = [];
  const written: string[] = [];
  const say =
    <Value>(name: string, value: Value | Error) =>
    async (...args: readonly unknown[]): Promise<Value> => {
      calls.push({ name, args });
      if (value instanceof Error) throw value;
      return value;
    };
  const found = answer ?? ({ kind: 'member', member, freshness: 'fresh', source: 'cache' } as const);
  return {
    centre: 'A',
    lane: 'critical',
    platforms: ['tongcheng-app', 'elong-app'],
    bodies: makeBodies(['tongcheng-app', 'elong-app']),
    clock: { nowMs: () => 1_000, monotonicMs: () => 1_000, sleep: async () => {} },
    callers: {
      byKeyHash: async (hash) => callers.find(({ keyHashes }) => keyHashes.includes(hash)) ?? null,
    },
    hashCallerKey: hashOf,
    requestHasher: { hash: (...parts) => hashOf(JSON.stringify(parts)) },
    state: {
      current: async () => scene.topology ?? topology,
      saw: () => {},
      refresh: async () => void calls.push({ name: 'refresh', args: [] }),
    },
    reader: {
      member: say('member', found),
      lookUp: say('lookUp', found),
      lookUpMany: say('lookUpMany', scene.outcomes ?? []),
    },
    writer: {
      register: say('register', outcome),
      update: say('update', outcome),
      bind: say('bind', outcome),
      unbind: say('unbind', outcome),
      cancel: say('cancel', outcome),
    },
    health: { check: async () => health },
    log(line, metrics) {
      lines.push(line);
      written.push(lineOf(line, metrics, 1_000));
    },
    meter: makeMeter(),
    traces: makeTraces({ bytes: (length) => Buffer.alloc(length, 0xab) }),
    ...scene.parts,
    calls,
    lines,
    written,
  };
}

export interface FakeRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** A text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly base64?: boolean;
}

function eventOf(request: FakeRequest = {}): APIGatewayProxyEventV2 {
  const { method = 'GET', path = '/', body, base64 = false } = request;
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const headers: Record<string, string | undefined> = {
    authorization: `Bearer ${key}`,
    'idempotency-key': 'request-1',
    ...(text !== undefined && { 'content-type': 'application/json' }),
    ...request.headers,
  };
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: {
      requestId: 'r-1',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' },
    },
    ...(request.parameters && { pathParameters: { ...request.parameters } }),
    ...(text !== undefined && { body: base64 ? Buffer.from(text).toString('base64') : text }),
    isBase64Encoded: base64,
  } as APIGatewayProxyEventV2;
}

export const contextOf = (remainingMs = 30_000): Context =>
  ({ getRemainingTimeInMillis: () => remainingMs }) as Context;

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: a JSON body, looked into by each test
  readonly body: any;
  readonly text: string;
}

export async function ask(
  handler: ApiHandler,
  request: FakeRequest = {},
  remainingMs?: number,
): Promise<Answered> {
  const result: APIGatewayProxyStructuredResultV2 = await handler(eventOf(request), contextOf(remainingMs));
  const text = result.body ?? '';
  const answered = {
    status: result.statusCode ?? 0,
    headers: result.headers ?? {},
    body: JSON.parse(text),
    text,
  };
  const form = formOf(String(answered.headers['content-type']));
  if (!z.safeParse(form, answered.body).success) throw new Error(`the API describes no such answer: ${text}`);
  return answered;
}

/** What the API's description promises of every answer. Here nothing may be there that it does not tell. */
const formOf = (contentType: string) =>
  contentType === 'application/problem+json'
    ? problemAnswerOf(Object.keys(problems))
    : z.union(Object.values(answerSchemas));

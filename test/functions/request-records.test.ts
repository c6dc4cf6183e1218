/** The one line of each request, which is its metrics record too. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeBindIdentifier } from '../../functions/bind-identifier.ts';
import { makeCancelMember } from '../../functions/cancel-member.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { makeGetMember } from '../../functions/get-member.ts';
import { makeHealthFunction } from '../../functions/health.ts';
import { makeLookUpMember } from '../../functions/look-up-member.ts';
import { makeLookUpMembers } from '../../functions/look-up-members.ts';
import { makeNoRoute } from '../../functions/no-route.ts';
import { makeRegisterMember } from '../../functions/register-member.ts';
import type { ApiParts } from '../../functions/runtime/api/parts.ts';
import { makeMeter } from '../../functions/runtime/telemetry/meter.ts';
import { makeUnbindIdentifier } from '../../functions/unbind-identifier.ts';
import { makeUpdateMember } from '../../functions/update-member.ts';
import { ask, done, type FakeRequest, fakeParts, key, member, type Scene } from '../runtime/fake-parts.ts';
import { dimensionsOf, type EmfLine, metricsIn, validEmf } from '../runtime/telemetry/emf-check.ts';

const { memberId } = member;
const phone = '+8613800000001';
const registration = { name: '王小明', phone, accounts: [{ platform: 'elong-app', accountId: 'el-1' }] };

type Make = typeof makeGetMember;
const operations: readonly (readonly [string, Make, FakeRequest])[] = [
  ['get-member', makeGetMember, { parameters: { memberId } }],
  ['look-up-member', makeLookUpMember, { body: { phone } }],
  ['look-up-members', makeLookUpMembers, { body: { lookups: [{ phone }] } }],
  ['register-member', makeRegisterMember, { body: registration }],
  ['update-member', makeUpdateMember, { parameters: { memberId }, body: { name: 'Ann' } }],
  ['bind-identifier', makeBindIdentifier, { parameters: { memberId }, body: { phone } }],
  ['unbind-identifier', makeUnbindIdentifier, { parameters: { memberId, field: 'phone' } }],
  ['cancel-member', makeCancelMember, { parameters: { memberId } }],
];

async function recordsOf(make: Make, request: FakeRequest, scene: Scene = {}): Promise<readonly EmfLine[]> {
  const parts = fakeParts(scene);
  await ask(
    make(() => parts),
    request,
  );
  return parts.written.map(validEmf);
}

async function recordOf(make: Make, request: FakeRequest, scene: Scene = {}): Promise<EmfLine> {
  const records = await recordsOf(make, request, scene);
  expect(records).toHaveLength(1);
  return records[0] as EmfLine;
}

describe.each(operations)('%s', (operation, make, request) => {
  it('has one record: who asked for what, and how that went', async () => {
    const record = await recordOf(make, request);
    expect(record).toMatchObject({
      operation,
      centre: 'A',
      lane: 'critical',
      caller: 'orders',
      outcome: 'ok',
    });
    expect(record).toMatchObject({ outcomeClass: 'ok', requests: 1, durationMs: expect.any(Number) });
    expect(metricsIn(record)).toMatchObject({ durationMs: 'Milliseconds', requests: 'Count' });
  });

  it('has one record of a refusal', async () => {
    const record = await recordOf(make, { ...request, headers: { authorization: undefined } });
    expect(record).toMatchObject({
      operation,
      outcome: 'unauthenticated',
      outcomeClass: 'refused',
      status: 401,
    });
  });

  it('has one record of a failure', async () => {
    const failed = new DependencyUnavailable('redis-a-0', new Error(phone));
    const record = await recordOf(make, request, { answer: failed, outcomes: failed, outcome: failed });
    expect(record).toMatchObject({ operation, outcome: 'unavailable', outcomeClass: 'failed', status: 503 });
  });

  it('has few dimensions, and never the caller, the status or the trace among them', async () => {
    for (const headers of [{}, { authorization: undefined }]) {
      const record = await recordOf(make, { ...request, headers });
      expect(dimensionsOf(record)).toEqual(['operation', 'lane', 'outcomeClass']);
    }
  });

  it('belongs to the trace of who asked', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const record = await recordOf(make, { ...request, headers: { traceparent } });
    expect(record).toMatchObject({
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      parent_span_id: '00f067aa0ba902b7',
    });
  });
});

describe('a read', () => {
  it.each([
    ['cache', 'fresh', 1, 1],
    ['search:primary', 'fresh', 0, 1],
    ['cache', 'stale', 1, 0],
  ] as const)(
    'from %s that is %s counts for hit rate and freshness',
    async (source, freshness, cacheHit, fresh) => {
      const answer = { kind: 'member', member, source, freshness } as const;
      const record = await recordOf(makeGetMember, { parameters: { memberId } }, { answer });
      expect(record).toMatchObject({ source, freshness, cacheHit, fresh });
      expect(metricsIn(record)).toMatchObject({ cacheHit: 'None', fresh: 'None' });
    },
  );

  it('that found nobody counts too', async () => {
    const answer = { kind: 'nobody', version: 0, source: 'cache', freshness: 'fresh' } as const;
    const record = await recordOf(makeLookUpMember, { body: { phone } }, { answer });
    expect(record).toMatchObject({
      outcome: 'no-such-member',
      outcomeClass: 'refused',
      cacheHit: 1,
      fresh: 1,
    });
  });

  it('that found no answer does not', async () => {
    const answer = new DependencyUnavailable('redis-a-0', new Error());
    const record = await recordOf(makeGetMember, { parameters: { memberId } }, { answer });
    expect(metricsIn(record)).not.toHaveProperty('cacheHit');
  });
});

describe('what a request asked of its dependencies', () => {
  it('stands on its line, with one metric each', async () => {
    let nowMs = 0;
    const meter = makeMeter(() => nowMs);
    const answers = async () => {
      nowMs += 4;
    };
    const fails = async () => {
      nowMs += 30;
      throw new DependencyUnavailable('search:primary', new Error());
    };
    const [cache, search] = [meter.timed('cache', { answers }), meter.timed('search', { fails })];
    const parts = fakeParts();
    const reader: ApiParts['reader'] = {
      ...parts.reader,
      async member() {
        await cache.answers();
        await search.fails().catch(() => {});
        await cache.answers();
        return { kind: 'member', member, source: 'writer', freshness: 'fresh' };
      },
    };
    const at = { ...parts, reader, meter };
    // What was there before the request is not its own.
    await cache.answers();
    await ask(
      makeGetMember(() => at),
      { parameters: { memberId } },
    );
    const record = validEmf(parts.written[0] ?? '');
    expect(record).toMatchObject({ cacheMs: 8, cacheCalls: 2, cacheMaxMs: 4 });
    expect(record).toMatchObject({ searchMs: 30, searchFailures: 1 });
    expect(record).not.toHaveProperty('searchCalls');
    expect(record).not.toHaveProperty('searchMaxMs');
    expect(metricsIn(record)).toMatchObject({
      cacheMs: 'Milliseconds',
      searchMs: 'Milliseconds',
      searchFailures: 'Count',
    });
    expect(metricsIn(record)).not.toHaveProperty('cacheCalls');
  });
});

it('hands its own span to the core, for the event of the change', async () => {
  const parts = fakeParts();
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  await ask(
    makeRegisterMember(() => parts),
    { body: registration, headers: { traceparent } },
  );
  const span = (parts.lines[0] as { span_id: string }).span_id;
  expect(parts.calls.find(({ name }) => name === 'register')?.args[1]).toMatchObject({
    trace: `00-4bf92f3577b34da6a3ce929d0e0e4736-${span}-01`,
  });
});

it('says nothing of a health check that went well, and one line of one that did not', async () => {
  expect(await recordsOf(makeHealthFunction, {})).toEqual([]);
  expect(await recordOf(makeHealthFunction, {}, { health: 'failing' })).toMatchObject({
    operation: 'health',
  });
  expect(await recordOf(makeNoRoute, { path: `/v9/${phone}` })).toMatchObject({ outcome: 'no-such-route' });
});

/** What a request may leave on a line: nothing but this. */
const allowedMembers = new Set([
  ...['_aws', 'operation', 'centre', 'lane', 'caller', 'requestId', 'trace_id', 'span_id', 'parent_span_id'],
  ...['status', 'outcome', 'outcomeClass', 'reason', 'source', 'freshness', 'durationMs', 'requests'],
  ...['cacheHit', 'fresh', 'failure'],
]);

describe('whatever comes', () => {
  /** Found again wherever it turns up: nobody says that by accident. */
  const marked = fc.string({ minLength: 0, maxLength: 20 }).map((text) => `Zx9${text}9xZ`);
  const headerNames = ['authorization', 'idempotency-key', 'if-match', 'traceparent', 'tracestate', 'x-user'];
  const headers = fc.dictionary(fc.constantFrom(...headerNames), marked);
  const parameters = fc.dictionary(fc.constantFrom('memberId', 'field', 'other'), marked);
  const body = fc.oneof(
    marked,
    fc.record(
      { name: marked, phone: marked, unionId: marked, cardNo: marked, account: marked, Zx9key: marked },
      { requiredKeys: [] },
    ),
    fc.array(marked),
  );
  const requests = fc.record({ headers, parameters, body, path: marked.map((text) => `/${text}`) });
  const every: readonly Make[] = [...operations.map(([, make]) => make), makeNoRoute, makeHealthFunction];

  it('of a request, nothing of it is on the line, and there is one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(every.length - 1), requests, fc.boolean(), async (index, request, isKnown) => {
        const parts = fakeParts({ health: 'failing' });
        const make = every[index] ?? makeGetMember;
        const authorization = isKnown ? `Bearer ${key}` : (request.headers.authorization ?? '');
        await ask(
          make(() => parts),
          { ...request, headers: { ...request.headers, authorization } },
        );
        expect(parts.written).toHaveLength(1);
        expect(parts.written[0]).not.toMatch(/Zx9|9xZ/);
        const line = validEmf(parts.written[0] ?? '');
        expect(Object.keys(line).filter((name) => !allowedMembers.has(name))).toEqual([]);
      }),
    );
  }, 30_000);

  it('of answers and errors, nothing personal is on the line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), marked, fc.boolean(), async (chosen, text, fails) => {
        const [, make, request] = chosen;
        const error = Object.assign(new Error(text), { sql: text, cause: new Error(text) });
        const found = { ...member, name: text };
        const scene: Scene = fails
          ? { answer: error, outcome: error }
          : {
              answer: { kind: 'member', member: found, source: 'cache', freshness: 'fresh' },
              outcome: { ...done, member: found } as typeof done,
            };
        const records = await recordsOf(make, request, scene);
        expect(JSON.stringify(records)).not.toMatch(/Zx9|9xZ/);
        expect(JSON.stringify(records)).not.toContain(memberId);
        expect(records).toHaveLength(1);
      }),
    );
  }, 30_000);
});

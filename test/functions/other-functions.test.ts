import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { makeApplyChangeFunction } from '../../functions/apply-change.ts';
import type { Deadline } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { SyncMessage } from '../../functions/core/propagation/ports.ts';
import { makeHealthFunction } from '../../functions/health.ts';
import { makeNoRoute } from '../../functions/no-route.ts';
import { makeRelayOutbox } from '../../functions/relay-outbox.ts';
import { makeMeter } from '../../functions/runtime/telemetry/meter.ts';
import { makeTraces } from '../../functions/runtime/telemetry/traces.ts';
import { ask, contextOf, fakeParts } from '../runtime/fake-parts.ts';

const clock = { nowMs: () => 1_000, monotonicMs: () => 1_000, sleep: async () => {} };

describe('GET /health', () => {
  const anonymous = { headers: { authorization: undefined } };

  it('is for anybody, and says little', async () => {
    const parts = fakeParts();
    const { status, body } = await ask(
      makeHealthFunction(() => parts),
      anonymous,
    );
    expect([status, body]).toEqual([200, { status: 'serving', centre: 'A' }]);
    expect(parts.lines).toEqual([]);
  });

  it('is 503 when the centre cannot serve by itself, and then it is logged', async () => {
    const parts = fakeParts({ health: 'failing', parts: { centre: 'B' } });
    const { status, body } = await ask(
      makeHealthFunction(() => parts),
      anonymous,
    );
    expect([status, body]).toEqual([503, { status: 'failing', centre: 'B' }]);
    expect(parts.lines).toMatchObject([{ operation: 'health', outcome: 'failing', status: 503 }]);
  });
});

describe('what has no route', () => {
  const noRoute = makeNoRoute(() => fakeParts());

  it('is 404', async () => {
    const { status, body } = await ask(noRoute, { path: '/v2/members' });
    expect([status, body.code]).toEqual([404, 'no-such-route']);
  });

  it('is 405 with what the path takes when the method is another', async () => {
    const { status, body, headers } = await ask(noRoute, { method: 'PUT', path: '/v1/members/x' });
    expect([status, body.code, headers.allow]).toEqual([405, 'method-not-allowed', 'DELETE, GET, PATCH']);
  });
});

describe('apply-change', () => {
  const message = { format: 1, databaseCluster: 'c0', sequence: 7, event: {} } as SyncMessage;
  const eventOf = (...bodies: readonly string[]) =>
    ({ Records: bodies.map((body, index) => ({ messageId: `m${index}`, body })) }) as SQSEvent;

  const applied = async (event: SQSEvent, remainingMs = 30_000) => {
    const calls: [SyncMessage, Deadline][] = [];
    const lines: object[] = [];
    const handler = makeApplyChangeFunction(() => ({
      centre: 'B',
      clock,
      meter: makeMeter(),
      traces: makeTraces({ bytes: (length) => Buffer.alloc(length, 0xab) }),
      decode: (body) => (body === 'junk' ? null : { ...message, databaseCluster: body }),
      async apply(given, deadline) {
        calls.push([given, deadline]);
        if (given.databaseCluster === 'away')
          throw new DependencyUnavailable('search:primary', new Error('+86138'));
      },
      log: (line) => void lines.push(line),
    }));
    return { ...(await handler(event, contextOf(remainingMs))), calls, lines };
  };

  it('applies every message and reports only those that failed', async () => {
    const { batchItemFailures, calls, lines } = await applied(eventOf('c0', 'away', 'junk', 'c1'));
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }]);
    expect(calls.map(([{ databaseCluster }]) => databaseCluster)).toEqual(['c0', 'away', 'c1']);
    expect(lines).toMatchObject([
      { operation: 'apply-change', messages: 4, failed: 2, failure: { part: 'search:primary' } },
    ]);
    expect(JSON.stringify(lines)).not.toContain('138');
  });

  it.each([
    [30_000, 11_000],
    [5_250, 6_000],
    [10, 1_000],
  ])('with %d ms left ends at %d', async (remainingMs, atMonotonicMs) => {
    expect((await applied(eventOf('c0'), remainingMs)).calls[0]?.[1]).toEqual({ atMonotonicMs });
  });
});

describe('relay-outbox', () => {
  const relayed = async (run: (endsAt: Deadline) => Promise<void>, remainingMs: number) => {
    const lines: object[] = [];
    const handler = makeRelayOutbox(() => ({
      centre: 'A',
      clock,
      relay: { run },
      report: { run: async () => {} },
      log: (line) => void lines.push(line),
    }));
    const ended = await handler({}, contextOf(remainingMs)).then(
      () => 'well',
      () => 'badly',
    );
    return { ended, lines };
  };

  it.each([
    [68_000, 65_000],
    [1_000, 1_000],
  ])('with %d ms left relays until %d', async (remainingMs, atMonotonicMs) => {
    const ends: Deadline[] = [];
    expect(await relayed(async (endsAt) => void ends.push(endsAt), remainingMs)).toEqual({
      ended: 'well',
      lines: [],
    });
    expect(ends).toEqual([{ atMonotonicMs }]);
  });

  it('logs what it cannot go on after, and fails, so that it is invoked again', async () => {
    const { ended, lines } = await relayed(async () => Promise.reject(new TypeError('+86138')), 68_000);
    expect(ended).toBe('badly');
    expect(lines).toMatchObject([{ operation: 'relay-outbox', failure: { name: 'TypeError' } }]);
    expect(JSON.stringify(lines)).not.toContain('138');
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { splitByBytes } from '../../../functions/adapters/opensearch/bulk.ts';
import { makeSearchCluster } from '../../../functions/adapters/opensearch/search-cluster.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { sampleEvent } from '../sample-events.ts';
import { startStallingServer } from '../stalling-server.ts';
import { makeHandClock, wallClock } from '../wall-clock.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Answer = (
  body: string,
  request: IncomingMessage,
  response: ServerResponse,
) => { status: number; body: unknown } | null;

/** A cluster that answers what the test says; with null, the test has answered by itself. */
async function startCluster(answer: Answer) {
  const asked: { path: string; body: string }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    asked.push({ path: request.url ?? '', body });
    const said = answer(body, request, response);
    if (said === null) return;
    response.writeHead(said.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(said.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const clock = makeHandClock();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cluster = makeSearchCluster({ name: 'search-primary', url, clock, slotOf: () => 7 });
  return { asked, clock, cluster, soon: () => deadlineAfter(clock, 2_000) };
}

const events = [sampleEvent({ memberId: 'x', version: 1 }), sampleEvent({ memberId: 'y', version: 1 })];
const item = (status: number, type?: string) => ({ index: { status, ...(type && { error: { type } }) } });
const busy = item(429, 'rejected_execution_exception');
const unavailable = { code: 'dependency-unavailable', part: 'search-primary' };

describe('putting into a busy cluster', () => {
  test('sends only what was refused again, after a pause that grows', async () => {
    const answers = [[item(201), busy], [busy], [item(201)]];
    const { asked, clock, cluster, soon } = await startCluster(() => ({
      status: 200,
      body: { errors: true, items: answers.shift() },
    }));
    expect(await cluster.put(events, 1, soon())).toBe('put');
    expect(asked.map(({ body }) => [body.includes('"_id":"x"'), body.includes('"_id":"y"')])).toEqual([
      [true, true],
      [false, true],
      [false, true],
    ]);
    expect(clock.slept).toEqual([100, 200]);
  });

  test('gives up after some tries', async () => {
    const { asked, cluster, soon } = await startCluster(() => ({ status: 429, body: { error: {} } }));
    await expect(cluster.put(events, 1, soon())).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(4);
  });

  test('gives up at once when the deadline would pass meanwhile', async () => {
    const { asked, clock, cluster } = await startCluster(() => ({ status: 429, body: { error: {} } }));
    await expect(cluster.put(events, 1, deadlineAfter(clock, 90))).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(1);
  });
});

describe('odd answers to a put', () => {
  test.each([
    ['a document refused', 200, { items: [item(201), item(400, 'strict_dynamic_mapping_exception')] }],
    ['a shard away', 200, { items: [item(201), item(503, 'unavailable_shards_exception')] }],
    ['another conflict', 200, { items: [item(201), item(409, 'something_else')] }],
    ['an item missing', 200, { items: [item(201)] }],
    ['no items', 200, {}],
    ['a refusal', 403, { error: { type: 'cluster_block_exception' } }],
    ['a fault', 503, {}],
  ])('%s: unavailable, and tried once', async (_, status, body) => {
    const { asked, cluster, soon } = await startCluster(() => ({ status, body }));
    await expect(cluster.put(events, 1, soon())).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(1);
  });

  test('go through the aliases of the epoch, and of nothing else', async () => {
    const { asked, cluster, soon } = await startCluster(() => ({
      status: 200,
      body: { items: [item(409, 'version_conflict_engine_exception'), item(201)] },
    }));
    expect(await cluster.put(events, 7, soon())).toBe('put');
    expect(asked[0]?.path).toContain('require_alias=true');
    expect(asked[0]?.body.match(/"_index":"[^"]*"/g)).toEqual(Array(2).fill('"_index":"members-e7"'));
  });
});

describe('a cluster that does not answer', () => {
  test.each(['accepts', 'half-answers'] as const)('costs no more than the deadline: it %s', async (how) => {
    const server = await startStallingServer(how);
    cleanUps.push(server.close);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    cleanUps.push(() => log.mockRestore());
    const cluster = makeSearchCluster({
      name: 'search-primary',
      url: server.url,
      clock: wallClock,
      slotOf: () => 7,
    });
    const startMs = performance.now();
    const calls = [
      cluster.member('x', deadlineAfter(wallClock, 150)),
      cluster.identifier('x', deadlineAfter(wallClock, 150)),
      cluster.put(events, 1, deadlineAfter(wallClock, 150)),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    }
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  test('keeps a bounded number of requests waiting', async () => {
    const server = await startStallingServer('accepts');
    cleanUps.push(server.close);
    const options = {
      name: 'search-primary',
      url: server.url,
      clock: wallClock,
      socketsMax: 2,
      slotOf: () => 7,
    };
    const cluster = makeSearchCluster(options);
    const calls = Array.from({ length: 40 }, () => cluster.member('x', deadlineAfter(wallClock, 300)));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter(
      (one) => one.status === 'rejected' && String(one.reason.cause).includes('too many'),
    );
    expect(refused).toHaveLength(24);
  });

  test('is not asked at all after the deadline', async () => {
    const { asked, clock, cluster } = await startCluster(() => ({ status: 200, body: {} }));
    const deadline = deadlineAfter(clock, 100);
    clock.advance(100);
    await expect(cluster.member('x', deadline)).rejects.toMatchObject(unavailable);
    expect(asked).toHaveLength(0);
  });
});

test('a connection that was closed meanwhile is replaced, once', async () => {
  const resets = [true, false, true, true];
  const { asked, cluster, soon } = await startCluster((_, request) => {
    if (resets.shift()) {
      request.socket.destroy();
      return null;
    }
    return { status: 200, body: { docs: [{ _id: 'x', found: false }] } };
  });
  expect(await cluster.member('x', soon())).toBeNull();
  await expect(cluster.member('x', soon())).rejects.toMatchObject(unavailable);
  expect(asked).toHaveLength(4);
});

test('what stands in the place of another document tells nothing', async () => {
  const docs = [
    { _id: 'other', found: false },
    { _id: 'y', error: { type: 'no_shard_available_action_exception' } },
    { _id: 'z', found: false },
  ];
  const { asked, cluster, soon } = await startCluster(() => ({ status: 200, body: { docs } }));
  expect(await cluster.members(['x', 'y', 'z'], soon())).toEqual([
    expect.objectContaining(unavailable),
    expect.objectContaining(unavailable),
    null,
  ]);
  expect(asked).toHaveLength(1);
  expect(JSON.parse(asked[0]?.body ?? '').docs[0]).toEqual({ _id: 'x', routing: 'x' });
});

test('an answer with too few documents is none', async () => {
  const { cluster, soon } = await startCluster(() => ({ status: 200, body: { docs: [] } }));
  await expect(cluster.members(['x'], soon())).rejects.toMatchObject(unavailable);
});

test('errors carry neither the documents nor the address', async () => {
  const { cluster, soon } = await startCluster(() => ({ status: 500, body: { error: 'broken' } }));
  const error = await cluster.put(events, 1, soon()).catch((caught: unknown) => caught);
  expect(error).toMatchObject(unavailable);
  expect(JSON.stringify(error) + JSON.stringify((error as Error).cause)).not.toMatch(/sealed|127\.0\.0\.1/);
  expect(Object.keys((error as Error).cause as object)).toEqual([]);
});

test('bulks are split in order, by bytes', () => {
  expect(splitByBytes(['aaaa', 'bb', 'é', 'dddddddd', 'e'], 6)).toEqual([
    ['aaaa', 'bb'],
    ['é'],
    ['dddddddd'],
    ['e'],
  ]);
  expect(splitByBytes([], 6)).toEqual([]);
});

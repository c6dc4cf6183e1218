import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCallerRegistry, writeCallers } from '../../../functions/adapters/parameters/caller-registry.ts';
import { makeTopologyStore } from '../../../functions/adapters/parameters/topology-store.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { standIn } from '../aws.ts';
import { sampleCallers } from '../contract/caller-registry.ts';
import { sampleTopology } from '../contract/topology-store.ts';
import { startStallingServer } from '../stalling-server.ts';
import { makeHandClock, wallClock } from '../wall-clock.ts';

const parameterName = '/membership/A/parameter';

describe('with a store that answers', () => {
  let ssm: ReturnType<typeof mockClient>;
  let clock: ReturnType<typeof makeHandClock>;
  beforeEach(() => {
    ssm = mockClient(SSMClient);
    clock = makeHandClock();
  });
  afterEach(() => ssm.restore());

  const options = () => ({ ...standIn('parameters-a', 'http://127.0.0.1:9'), clock, parameterName });
  const soon = () => deadlineAfter(clock, 1_000);
  const answerWith = (value: unknown) =>
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: JSON.stringify(value) } });

  test.each([
    ['a centre that is none', { writer: 'C' }, 'writer'],
    ['a form of another day', { format: 2 }, 'format'],
    ['no search clusters', { search: undefined }, 'search'],
    ['something unknown', { more: 1 }, 'more'],
    ['an epoch that is no count', { epoch: -1 }, 'epoch'],
  ])('a topology with %s is refused, by name', async (_, change, named) => {
    answerWith({ ...sampleTopology, ...change });
    const error = await makeTopologyStore(options())
      .read(soon())
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ part: 'parameters-a', cause: { code: 'parameter-invalid' } });
    expect(String((error as Error).cause)).toMatch(new RegExp(`${parameterName}: [^]*${named}`));
  });

  test('what is no JSON is refused, by name', async () => {
    ssm.on(GetParameterCommand).resolves({ Parameter: { Value: 'not { json' } });
    await expect(makeTopologyStore(options()).read(soon())).rejects.toMatchObject({
      cause: { code: 'parameter-invalid', message: expect.stringContaining(parameterName) },
    });
  });

  test.each([
    ['a lane that is none', [{ ...sampleCallers[0], lane: 'fast' }], /lane/],
    ['three keys', [{ ...sampleCallers[0], keyHashes: ['1', '2', '3'] }], /keyHashes/],
    ['one key of two callers', [sampleCallers[0], { ...sampleCallers[1], keyHashes: ['o2'] }], /campaigns/],
    ['one name of two callers', [sampleCallers[0], { ...sampleCallers[1], name: 'orders' }], /one name/],
  ])('callers with %s are refused, when read and when written', async (_, callers, says) => {
    answerWith({ format: 1, callers });
    const error = await makeCallerRegistry(options())
      .byKeyHash('o1', soon())
      .catch((caught: unknown) => caught);
    expect(String((error as Error).cause)).toMatch(says);
    const writing = writeCallers({
      ...options(),
      callers: callers as typeof sampleCallers,
      deadline: soon(),
    });
    await expect(writing).rejects.toThrow(says);
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
  });

  test('callers are read once in 30 s, whatever is asked for', async () => {
    answerWith({ format: 1, callers: sampleCallers });
    const registry = makeCallerRegistry(options());
    for (const keyHash of ['o1', 'c1', 'unknown', 'unknown-2']) await registry.byKeyHash(keyHash, soon());
    clock.advance(29_999);
    await registry.byKeyHash('o1', soon());
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(1);

    answerWith({ format: 1, callers: [] });
    clock.advance(1);
    expect(await registry.byKeyHash('o1', soon())).toBeNull();
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(2);
  });

  test('while the store fails, or holds nonsense, the last answer serves for an hour, and then no longer', async () => {
    answerWith({ format: 1, callers: sampleCallers });
    const registry = makeCallerRegistry(options());
    await registry.byKeyHash('o1', soon());

    ssm.on(GetParameterCommand).rejects(new Error('down'));
    clock.advance(30_000);
    expect(await registry.byKeyHash('o1', soon())).toEqual(sampleCallers[0]);
    expect(await registry.byKeyHash('c1', soon())).toEqual(sampleCallers[1]);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(2);

    answerWith('nonsense');
    clock.advance(5_000);
    expect(await registry.byKeyHash('o1', soon())).toEqual(sampleCallers[0]);
    expect(ssm.commandCalls(GetParameterCommand)).toHaveLength(3);

    clock.advance(3_600_000);
    await expect(registry.byKeyHash('o1', soon())).rejects.toMatchObject({ code: 'dependency-unavailable' });

    answerWith({ format: 1, callers: sampleCallers });
    expect(await registry.byKeyHash('o1', soon())).toEqual(sampleCallers[0]);
  });

  test('a first answer that fails is not remembered', async () => {
    ssm.on(GetParameterCommand).rejectsOnce(new Error('down'));
    const store = makeTopologyStore(options());
    await expect(store.read(soon())).rejects.toMatchObject({ code: 'dependency-unavailable' });
    answerWith(sampleTopology);
    expect(await store.read(soon())).toEqual(sampleTopology);
  });
});

test.each(['accepts', 'half-answers'] as const)(
  'a store that hangs costs no more than the deadline: it %s',
  async (how) => {
    const server = await startStallingServer(how);
    const connection = { ...standIn('parameters-a', server.url), clock: wallClock, parameterName };
    const startMs = performance.now();
    const outcomes = await Promise.allSettled([
      makeTopologyStore(connection).read(deadlineAfter(wallClock, 200)),
      makeCallerRegistry(connection).byKeyHash('o1', deadlineAfter(wallClock, 200)),
    ]);
    const unavailable = { code: 'dependency-unavailable', part: 'parameters-a' };
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(server.connections()).toBeGreaterThan(0);
    await server.close();
  },
);

import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCallerRegistry } from '../../../functions/adapters/parameters/caller-registry.ts';
import { makeTopologyStore } from '../../../functions/adapters/parameters/topology-store.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { standIn } from '../aws.ts';
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
      makeTopologyStore(connection).read(deadlineAfter(wallClock, 1_000)),
      makeCallerRegistry(connection).byKeyHash('o1', deadlineAfter(wallClock, 1_000)),
    ]);
    const unavailable = { code: 'dependency-unavailable', part: 'parameters-a' };
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable });
    expect(performance.now() - startMs).toBeLessThan(4_000);
    expect(server.connections()).toBeGreaterThan(0);
    await server.close();
  },
);

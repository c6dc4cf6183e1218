import { GetParametersCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCallerRegistry } from '../../../functions/adapters/parameters/caller-registry.ts';
import {
  makeRegistryStore,
  parameterBytesMax,
} from '../../../functions/adapters/parameters/registry-store.ts';
import type { RegistryCopy } from '../../../functions/core/caller/ports.ts';
import type { Registration } from '../../../functions/core/caller/registration.ts';
import { registryText } from '../../../functions/core/caller/registry-text.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { standIn } from '../aws.ts';
import { registrationOf, sampleRegistrations } from '../sample-registrations.ts';
import { makeHandClock } from '../wall-clock.ts';

const parameterName = '/membership/A/callers';
const hash = (name: string) => name.padEnd(43, '.');

let ssm: ReturnType<typeof mockClient>;
let clock: ReturnType<typeof makeHandClock>;
let stored: Map<string, { text: string; version: number }>;
beforeEach(() => {
  ssm = mockClient(SSMClient);
  clock = makeHandClock();
  stored = new Map();
  ssm.on(GetParametersCommand).callsFake(({ Names }: { Names: string[] }) => ({
    Parameters: Names.flatMap((Name) => {
      const at = stored.get(Name);
      return at ? [{ Name, Value: at.text, Version: at.version }] : [];
    }),
  }));
  ssm.on(PutParameterCommand).callsFake(({ Name, Value }: { Name: string; Value: string }) => {
    const version = (stored.get(Name)?.version ?? 0) + 1;
    stored.set(Name, { text: Value, version });
    return { Version: version };
  });
});
afterEach(() => ssm.restore());

const options = () => ({ ...standIn('parameters-a', 'http://127.0.0.1:9'), clock, parameterName });
const soon = () => deadlineAfter(clock, 1_000);
const put = (text: string) => stored.set(`${parameterName}/00`, { text, version: 1 });
const putAll = (registrations: readonly Registration[]) => put(registryText(registrations));
const readings = () => ssm.commandCalls(GetParametersCommand).length / 4;

describe('the durable registry', () => {
  test('hundreds of callers fit, are read by four calls, and no parameter is too large', async () => {
    const store = makeRegistryStore(options());
    const many = Array.from({ length: 600 }, (_, index) =>
      registrationOf(`hotel-price-alerts-${index}`, {
        owner: 'somebody.responsible@example.com',
        team: 'hotel platform, recommendations',
        purpose: 'finds the member behind an order, to tell about a price that has changed since',
        operations: ['look-up-member', 'get-member'],
        keys: [
          { hash: hash(`a${index}`), sinceMs: 1_700_000_000_000 },
          { hash: hash(`b${index}`), sinceMs: 1_700_000_000_000 },
        ],
      }),
    );
    await store.join(many, soon());
    ssm.resetHistory();
    expect(await store.read(soon())).toHaveLength(600);
    expect(ssm.commandCalls(GetParametersCommand)).toHaveLength(4);
    for (const { text } of stored.values())
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(parameterBytesMax);

    const further = Array.from(
      { length: 600 },
      (_, index) => ({ ...many[0], name: `more-${index}` }) as Registration,
    );
    ssm.resetHistory();
    await expect(store.join(further, soon())).rejects.toMatchObject({ code: 'registry-full' });
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
  });

  test('what changes nothing writes nothing', async () => {
    const store = makeRegistryStore(options());
    await store.join(sampleRegistrations, soon());
    ssm.resetHistory();
    await store.join(sampleRegistrations, soon());
    expect(ssm.commandCalls(PutParameterCommand)).toHaveLength(0);
  });

  test.each([
    ['a lane that is none', { lane: 'fast' }, /lane/],
    ['three keys', { keys: ['1', '2', '3'].map((each) => ({ hash: each, sinceMs: 1 })) }, /keys/],
    ['something unknown', { more: 1 }, /more/],
  ])('callers with %s are refused, by name', async (_, change, says) => {
    put(JSON.stringify({ format: 1, callers: [{ ...sampleRegistrations[0], ...change }] }));
    const error = await makeRegistryStore(options())
      .read(soon())
      .catch((caught: unknown) => caught);
    expect(String((error as Error).cause)).toMatch(says);
    expect(String((error as Error).cause)).toContain(`${parameterName}/00`);
  });
});

describe('who asks, by the registry', () => {
  test('it is read once in 15 s, whatever is asked for', async () => {
    putAll(sampleRegistrations);
    const registry = makeCallerRegistry(options());
    for (const key of ['o1', 'c1', 'unknown', 'unknown-2']) await registry.byKeyHash(key, soon());
    clock.advance(14_999);
    await registry.byKeyHash('o1', soon());
    expect(readings()).toBe(1);

    putAll([registrationOf('others')]);
    clock.advance(1);
    expect(await registry.byKeyHash('o1', soon())).toBeNull();
    expect(readings()).toBe(2);
  });

  test('while the store fails, or holds nonsense, the last answer serves for an hour, and then no longer', async () => {
    putAll(sampleRegistrations);
    const registry = makeCallerRegistry(options());
    await registry.byKeyHash('o1', soon());

    ssm.on(GetParametersCommand).rejects(new Error('down'));
    clock.advance(15_000);
    expect(await registry.byKeyHash('o1', soon())).toMatchObject({ name: 'orders' });
    expect(await registry.byKeyHash('c1', soon())).toMatchObject({ state: 'disabled' });

    clock.advance(3_600_000);
    await expect(registry.byKeyHash('o1', soon())).rejects.toMatchObject({ code: 'dependency-unavailable' });
  });

  test('nobody registered at all is no registry', async () => {
    await expect(makeCallerRegistry(options()).byKeyHash('o1', soon())).rejects.toMatchObject({
      code: 'dependency-unavailable',
    });
  });

  const copyOf = (copy: RegistryCopy | null) => ({ registry: async () => copy });
  const away = {
    registry: async () => {
      throw new DependencyUnavailable('redis-a-0', new Error('down'));
    },
  };
  const text = registryText(sampleRegistrations);

  test('a young copy in any Redis is enough: the store is not even asked', async () => {
    const copies = [away, copyOf(null), copyOf({ text, ageMs: 60_000 })];
    const registry = makeCallerRegistry({ ...options(), copies });
    expect(await registry.byKeyHash('o1', soon())).toMatchObject({ name: 'orders' });
    expect(readings()).toBe(0);
  });

  test.each([
    ['an old one', { text, ageMs: 60_001 }],
    ['a damaged one', { text: 'nonsense', ageMs: 0 }],
    ['none', null],
  ])('with %s the store is asked', async (_, copy) => {
    putAll([registrationOf('newer', { keys: [{ hash: 'o1', sinceMs: 1 }] })]);
    const registry = makeCallerRegistry({ ...options(), copies: [copyOf(copy)] });
    expect(await registry.byKeyHash('o1', soon())).toMatchObject({ name: 'newer' });
  });

  test('a process that starts while the store is away admits by an old copy', async () => {
    ssm.on(GetParametersCommand).rejects(new Error('down'));
    const registry = makeCallerRegistry({ ...options(), copies: [copyOf({ text, ageMs: 86_400_000 })] });
    expect(await registry.byKeyHash('o1', soon())).toMatchObject({ name: 'orders' });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  makeRedisConnection,
  type RedisConnection,
} from '../../../functions/adapters/redis/redis-connection.ts';
import { makeSystemClock } from '../../../functions/adapters/system/system-clock.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { makeProxy, type RedisProxy } from './proxy.ts';
import { redisUrl } from './subject.ts';

const system = makeSystemClock();
const minuteMs = 60_000;

/** The machine's clocks, set forward as if the process had been frozen meanwhile. */
function makeShiftedClock(): Clock & { shiftMs: { monotonic: number; wall: number } } {
  const shiftMs = { monotonic: 0, wall: 0 };
  return {
    shiftMs,
    nowMs: () => system.nowMs() + shiftMs.wall,
    monotonicMs: () => system.monotonicMs() + shiftMs.monotonic,
    sleep: system.sleep,
  };
}

describe('a Redis connection', () => {
  let clock: ReturnType<typeof makeShiftedClock>;
  let proxy: RedisProxy;
  let connection: RedisConnection;
  const ask = async (name = 'ping', deadlineMs = 10_000, ...args: string[]) =>
    (await connection.exchange([{ name, args }], deadlineAfter(clock, deadlineMs)))[0];
  const elapsedMs = async (call: () => Promise<unknown>) => {
    const begunAtMs = system.monotonicMs();
    await expect(call()).rejects.toThrow(DependencyUnavailable);
    return system.monotonicMs() - begunAtMs;
  };

  beforeEach(async () => {
    clock = makeShiftedClock();
    proxy = await makeProxy(redisUrl(8));
    const limits = { connectMsMax: 5_000, silentMsMax: 5_000, idleMsMax: 20_000 };
    connection = makeRedisConnection({ name: 'redis-a-0', url: proxy.url, ...limits }, clock);
  });
  afterEach(async () => {
    connection.close();
    await proxy.end();
  });

  test('is made by the first call, shared by calls at once, and kept', async () => {
    expect(proxy.connections()).toBe(0);
    await Promise.all([ask(), ask(), ask()]);
    await ask();
    expect(proxy.connections()).toBe(1);
  });

  test.each([
    ['both clocks went on', { monotonic: minuteMs, wall: minuteMs }],
    ['the monotonic clock stood still', { monotonic: 0, wall: minuteMs }],
  ])(
    'frozen for a minute with its socket dead: the first call after it is answered (%s)',
    async (_, shiftMs) => {
      await ask();
      proxy.blackhole();
      Object.assign(clock.shiftMs, shiftMs);
      expect(await ask('ping', 4_000)).toBe('PONG');
      expect(proxy.connections()).toBe(2);
    },
  );

  test('frozen amid a call: that one fails, the first call after it is answered', async () => {
    await ask();
    proxy.blackhole();
    await expect(ask('ping', 20)).rejects.toThrow(DependencyUnavailable);
    clock.shiftMs.wall += minuteMs;
    expect(await ask('ping', 4_000)).toBe('PONG');
  });

  test('dead in use: no call outwaits its deadline, and silence is not borne for long', async () => {
    await ask();
    proxy.blackhole();
    expect(await elapsedMs(() => ask('ping', 50))).toBeLessThan(2_000);
    expect(proxy.connections()).toBe(1);
    clock.shiftMs.monotonic += 6_000;
    expect(await ask('ping', 4_000)).toBe('PONG');
    expect(proxy.connections()).toBe(2);
  });

  test('a slow answer is no silence: the connection stays', async () => {
    await ask();
    await expect(ask('eval', 20, busyScript, '0', '100')).rejects.toThrow(DependencyUnavailable);
    await ask();
    clock.shiftMs.monotonic += 6_000;
    await ask();
    expect(proxy.connections()).toBe(1);
  });

  test('dead from the start: no call outwaits its deadline, and the next attempt is not held up by it', async () => {
    proxy.blackholeNew(true);
    expect(await elapsedMs(() => ask('ping', 50))).toBeLessThan(2_000);
    proxy.blackholeNew(false);
    clock.shiftMs.monotonic += 6_000;
    expect(await ask('ping', 4_000)).toBe('PONG');
  });

  test('closed by the other side while unused: the next call is answered', async () => {
    await ask();
    await proxy.cut();
    expect(await ask()).toBe('PONG');
    expect(proxy.connections()).toBe(2);
  });

  test('closed amid a call: it is sent once more, on a new connection', async () => {
    await ask();
    proxy.blackhole();
    const asked = ask();
    await proxy.cut();
    expect(await asked).toBe('PONG');
    expect(proxy.connections()).toBe(2);
  });

  test('nobody there: calls fail at once, nothing is kept to be sent later, and the first call after is answered', async () => {
    await ask('del', 10_000, 'zombie');
    await proxy.goAway();
    expect(await elapsedMs(() => ask('set', 10_000, 'zombie', '1'))).toBeLessThan(2_000);
    expect(await elapsedMs(() => ask('set', 10_000, 'zombie', '2'))).toBeLessThan(2_000);
    await proxy.listen();
    expect(await ask('get', 10_000, 'zombie')).toBeNull();
  });

  test('past the deadline nothing is sent', async () => {
    await ask();
    proxy.takeReceived();
    await expect(ask('ping', -1)).rejects.toThrow(DependencyUnavailable);
    expect(proxy.takeReceived()).toBe('');
  });

  test('what the Redis itself refuses is its own fault, with what it said as the cause', async () => {
    const refused = ask('nonsense').catch((error: unknown) => error);
    expect(await refused).toMatchObject({ code: 'dependency-unavailable', part: 'redis-a-0' });
    expect(String(((await refused) as Error).cause)).toContain('unknown command');
    expect(await ask()).toBe('PONG');
    expect(proxy.connections()).toBe(1);
  });

  test('a primary that has become a replica is left: the name may lead to another one now', async () => {
    const readOnly = "return redis.error_reply('READONLY You can not write against a read only replica.')";
    await expect(ask('eval', 10_000, readOnly, '0')).rejects.toThrow(DependencyUnavailable);
    await ask();
    expect(proxy.connections()).toBe(2);
  });
});

/** Keeps the Redis busy for ARGV[1] milliseconds. */
const busyScript = `
local function now() local t = redis.call('TIME'); return t[1] * 1000 + t[2] / 1000 end
local ends = now() + tonumber(ARGV[1])
while now() < ends do end
return 1`;

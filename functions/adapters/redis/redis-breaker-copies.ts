/** What one Redis keeps of breakers, on the connection of its cache cluster. */
import type { Position } from '../../core/search/breaker.ts';
import type { BreakerCopies } from '../../core/search/ports.ts';
import * as keys from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { ScriptRunner } from './script-runner.ts';
import { countCalls } from './scripts/count-calls.ts';
import { moveBreaker } from './scripts/move-breaker.ts';

const stateKeys = [keys.topologyKey, keys.revokedKey, keys.stateKey, keys.breakersKey];

export function makeRedisBreakerCopies(
  connection: Pick<RedisConnection, 'exchange'>,
  { run }: Pick<ScriptRunner, 'run'>,
): BreakerCopies {
  return {
    async countCalls(cluster, { calls, failures, ms }, windowMs, deadline) {
      const args = [windowMs, calls, failures, Math.round(ms)];
      const reply = (await run(countCalls, [keys.callsKey(cluster)], args, deadline)) as string[];
      const [number = 0, ...counts] = reply.map(Number);
      const at = (from: number) => ({
        calls: counts[from] ?? 0,
        failures: counts[from + 1] ?? 0,
        ms: counts[from + 2] ?? 0,
      });
      return { number, current: at(0), previous: at(3) };
    },

    async moveBreaker(cluster, seenVersion, to, deadline) {
      const args = [cluster, seenVersion, JSON.stringify(to)];
      return (await run(moveBreaker, stateKeys, args, deadline)) === 1 ? 'moved' : 'overtaken';
    },

    async breakers(deadline) {
      const request = { name: 'hgetall', args: [keys.breakersKey] };
      const [reply] = await connection.exchange([request], deadline);
      // The client makes an object of the pairs that the server answers with.
      const held = Object.entries(reply as Readonly<Record<string, string>>);
      return Object.fromEntries(held.map(([name, text]) => [name, JSON.parse(text) as Position]));
    },
  };
}

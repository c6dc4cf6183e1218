/** What one Redis keeps of callers, on the connection of its cache cluster. */
import type { CallerCopies } from '../../core/caller/ports.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import * as keys from './keys.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { ScriptRunner } from './script-runner.ts';
import { putRegistry } from './scripts/put-registry.ts';
import { forgetRevoked, revoke } from './scripts/put-state.ts';

/** Each read of the cache brings them along: so many make it 22 KB heavier. */
const revokedKeysMax = 500;

const stateKeys = [keys.topologyKey, keys.revokedKey, keys.stateKey, keys.breakersKey];

export function makeRedisCallerCopies(
  name: string,
  connection: Pick<RedisConnection, 'exchange'>,
  { run }: Pick<ScriptRunner, 'run'>,
): CallerCopies {
  return {
    name,

    async revoked(deadline) {
      const [reply] = await connection.exchange([{ name: 'smembers', args: [keys.revokedKey] }], deadline);
      return reply as string[];
    },

    async revoke(keyHashes, deadline) {
      if (keyHashes.length === 0) return;
      const done = await run(revoke, stateKeys, [revokedKeysMax, ...keyHashes], deadline);
      if (done === 1) return;
      throw new DependencyUnavailable(
        name,
        new Error(`more than ${revokedKeysMax} keys would be revoked here`),
      );
    },

    async forgetRevoked(keyHashes, deadline) {
      if (keyHashes.length > 0) await run(forgetRevoked, stateKeys, keyHashes, deadline);
    },

    async putRegistry(text, deadline) {
      await run(putRegistry, [keys.registryKey], [text], deadline);
    },

    async registry(deadline) {
      const requests = [
        { name: 'get', args: [keys.registryKey] },
        { name: 'time', args: [] },
      ];
      const [reply, time] = (await connection.exchange(requests, deadline)) as [
        string | null,
        [string, string],
      ];
      if (reply === null) return null;
      const end = reply.indexOf(' ');
      const ageMs = Math.max(0, (Number(time[0]) - Number(reply.slice(0, end))) * 1000);
      return { text: reply.slice(end + 1), ageMs };
    },
  };
}

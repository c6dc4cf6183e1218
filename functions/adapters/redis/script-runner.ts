import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { RedisConnection, RedisRequest } from './redis-connection.ts';
import type { Script } from './scripts/script.ts';

type Arguments = readonly (string | number)[];

export interface ScriptRunner {
  /** Runs a script; answers with its reply. */
  run(script: Script, keys: readonly string[], args: Arguments, deadline: Deadline): Promise<unknown>;
  /** Runs a script with further requests right behind it on the same connection; answers with all replies. */
  runWith(
    script: Script,
    keys: readonly string[],
    args: Arguments,
    further: readonly RedisRequest[],
    deadline: Deadline,
  ): Promise<unknown[]>;
}

/** Runs scripts by their digest, and sends the text only to a Redis that does not know it (yet, or any more). */
export function makeScriptRunner(connection: RedisConnection): ScriptRunner {
  const runWith: ScriptRunner['runWith'] = async (script, keys, args, further, deadline) => {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await connection.exchange(
        [{ name: 'evalsha', args: [script.sha1, ...rest] }, ...further],
        deadline,
      );
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return await connection.exchange([{ name: 'eval', args: [script.lua, ...rest] }, ...further], deadline);
    }
  };
  return {
    runWith,
    run: async (script, keys, args, deadline) => (await runWith(script, keys, args, [], deadline))[0],
  };
}

const isUnknownScript = (error: unknown): boolean =>
  error instanceof DependencyUnavailable &&
  error.cause instanceof Error &&
  error.cause.message.startsWith('NOSCRIPT');

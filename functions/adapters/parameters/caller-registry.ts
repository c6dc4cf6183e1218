import * as z from 'zod/mini';
import type { Caller } from '../../core/caller/caller.ts';
import type { CallerRegistry } from '../../core/caller/ports.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { makeParameter, type ParameterOptions } from './parameters.ts';
import { type RememberOptions, remembered } from './remembered.ts';

const text = z.string().check(z.minLength(1), z.maxLength(200));

const registry = z.strictObject({
  format: z.literal(1),
  callers: z.array(
    z.strictObject({
      name: text.check(z.maxLength(64)),
      owner: text,
      purpose: text,
      lane: z.enum(['critical', 'marketing']),
      state: z.enum(['active', 'disabled']),
      keyHashes: z.array(text).check(z.maxLength(2)),
    }),
  ),
});

function parse(json: string): ReadonlyMap<string, Caller> {
  return byKeyHash(registry.parse(JSON.parse(json)).callers);
}

function byKeyHash(callers: readonly Caller[]): ReadonlyMap<string, Caller> {
  const byHash = new Map<string, Caller>();
  if (new Set(callers.map(({ name }) => name)).size < callers.length)
    throw new Error('two callers have one name');
  for (const caller of callers) {
    for (const hash of caller.keyHashes) {
      if (byHash.has(hash)) throw new Error(`a key of ${caller.name} is there twice`);
      byHash.set(hash, caller);
    }
  }
  return byHash;
}

/**
 * The registry of callers: one parameter, read as a whole, so that an unknown key costs no more than a known one.
 * A change is seen within `rememberMs`; a key is revoked sooner by way of the topology.
 */
export function makeCallerRegistry(options: ParameterOptions & RememberOptions): CallerRegistry {
  const parameter = makeParameter(options);
  const callers = remembered((deadline) => parameter.read(parse, deadline), options);
  return { byKeyHash: async (keyHash, deadline) => (await callers(deadline)).get(keyHash) ?? null };
}

/** Writes the whole registry. For provisioning. */
export async function writeCallers(
  options: ParameterOptions & { readonly callers: readonly Caller[]; readonly deadline: Deadline },
): Promise<void> {
  const json = JSON.stringify({ format: 1, callers: options.callers });
  parse(json);
  await makeParameter(options).write(json, options.deadline);
}

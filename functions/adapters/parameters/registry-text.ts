import * as z from 'zod/mini';
import type { Registration } from '../../core/caller/registration.ts';

const line = (charactersMax: number) => z.string().check(z.minLength(1), z.maxLength(charactersMax));
const moment = z.int().check(z.nonnegative());
const keys = (max: number) =>
  z.array(z.strictObject({ hash: line(64), sinceMs: moment })).check(z.maxLength(max));

const registration = z.strictObject({
  name: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be 1 to 64 of a-z 0-9 -')),
  owner: line(100),
  team: line(100),
  purpose: line(200),
  lane: z.enum(['critical', 'marketing']),
  operations: z.array(line(40)).check(z.minLength(1), z.maxLength(20)),
  ratePerSecond: z.number().check(z.positive(), z.lte(1_000_000)),
  generation: z.int().check(z.positive()),
  disabledSinceMs: z.nullable(moment),
  keys: keys(2),
  dropped: keys(8),
});

const registry = z.strictObject({ format: z.literal(1), callers: z.array(registration) });

/** Reads what `core/caller/registry-text.ts` wrote. @throws Error that names what is wrong, by its path */
export const parseRegistry = (text: string): readonly Registration[] =>
  registry.parse(JSON.parse(text)).callers;

/** What is wrong with a registration, by its path. */
export function faultsOfRegistration(given: Registration): readonly string[] {
  const result = registration.safeParse(given);
  return result.success
    ? []
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

/** Of a copy: one of another day, or damaged, holds nobody. */
export function parseRegistryCopy(text: string): readonly Registration[] {
  try {
    return parseRegistry(text);
  } catch {
    return [];
  }
}

/**
 * The environment variables of the functions: their names, which the infrastructure sets, and how they are read. All
 * functions take the same ones. What is missing or wrong is named all at once, by name and path, never with a value:
 * some are secrets.
 *
 * | variable            | holds                                                                                       |
 * | ------------------- | ------------------------------------------------------------------------------------------- |
 * | CENTRE              | `A` or `B`: where the function runs                                                         |
 * | LANE                | `critical` or `marketing`: whom it serves. Relay and consumer serve both, and are critical  |
 * | PLATFORMS           | optional, JSON list: the platforms that accounts may be of                                  |
 * | SHARD_MAP           | JSON `ShardMap`                                                                             |
 * | DATABASES           | JSON, by database cluster: `{writers: {A, B?}, replicas: {A: {NAME}, B: {NAME}}}`, each `host:port` |
 * | DATABASE_USER       |                                                                                             |
 * | DATABASE_PASSWORD   | a secret                                                                                    |
 * | DATABASE_CA_FILE    | optional: the authorities' certificates (PEM) that databases are to be known by; with it, TLS everywhere |
 * | JOURNALS            | JSON `{A, B}`, each `host:port`                                                             |
 * | CACHES              | JSON `{A: {NAME: url}, B: {NAME: url}}`: every Redis cluster                                |
 * | CACHE_USER          | optional, with CACHE_PASSWORD, a secret: for every Redis cluster                             |
 * | CACHE_REPLICAS      | optional: how many replicas each Redis cluster has: all of them must have a fence; 0         |
 * | SEARCH              | JSON, by search cluster: `{url, centre}`; that centre's queue feeds it                      |
 * | SEARCH_USER         | optional, with SEARCH_PASSWORD, a secret: for every search cluster                           |
 * | QUEUES              | JSON `{A: {url, region, endpoint?}, B: ...}`: the queue of each centre's consumers          |
 * | WITNESS             | JSON `{region, table, endpoint?}`                                                           |
 * | PARAMETERS          | JSON `{region, endpoint?}`: the parameter store of the own centre                           |
 * | TOPOLOGY_PARAMETER  | the name of the centre's topology there                                                     |
 * | OTHER_PARAMETERS    | optional, JSON `{region, topology, endpoint?}`: the other centre's parameter store, and the name of its topology there |
 * | CALLERS_PARAMETER   | the name of the registry of callers there                                                   |
 * | KEYRING             | a secret, JSON: the keys that seal and hash                                                 |
 * | GLOBAL_CLUSTERS     | the promotion's alone, JSON by database cluster: `{global, members: {A, B}}`, the identifier and both ARNs |
 * | OBSERVER            | a secret, the observer's alone, JSON `{urls: {A, B}, key}`: both centres' APIs, and a key for them |
 *
 * A database's address may bring its own user, in URL encoding: `user:password@host:port`.
 * The `endpoint`s are for stand-ins on a developer's machine; without them it is the region's own.
 */
import * as z from 'zod/mini';
import { centreNames } from '../core/propagation/event.ts';

const text = z.string().check(z.minLength(1));
const url = z.string().check(z.regex(/^[a-z]+:\/\/\S+$/));
const database = z.string().check(z.regex(/^([^\s:@]+:[^\s:@]*@)?[^\s:@]+:\d{1,5}$/));
const region = text;
const endpoint = z.optional(url);

const eachCentre = <Schema extends z.ZodMiniType>(schema: Schema) => z.strictObject({ A: schema, B: schema });
const byName = <Schema extends z.ZodMiniType>(schema: Schema) => z.record(text, schema);

const shardMap = z.strictObject({
  version: z.int(),
  ranges: z.array(z.strictObject({ first: z.int(), last: z.int(), cluster: text })),
  exceptions: z.record(z.string().check(z.regex(/^\d+$/)), text),
});

const databases = byName(
  z.strictObject({
    writers: z.strictObject({ A: z.optional(database), B: z.optional(database) }),
    replicas: eachCentre(byName(database)),
  }),
);

export const defaultPlatforms = [
  'tongcheng-app',
  'elong-app',
  'tongcheng-mini-program',
  'elong-mini-program',
];
const platforms = z
  .array(z.string().check(z.regex(/^[a-z0-9-]{1,32}$/)))
  .check(z.minLength(1), z.maxLength(100));

function json<Schema extends z.ZodMiniType>(schema: Schema) {
  const parsed = z.pipe(
    z.string(),
    z.transform((value: string, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.issues.push({ code: 'custom', input: undefined, message: 'is not JSON' });
        return z.NEVER;
      }
    }),
  );
  return z.pipe(parsed, schema as unknown as z.ZodMiniType<z.output<Schema>, unknown>);
}

const settings = z.object({
  CENTRE: z.enum(centreNames),
  LANE: z.enum(['critical', 'marketing']),
  PLATFORMS: z._default(json(platforms), defaultPlatforms),
  SHARD_MAP: json(shardMap),
  DATABASES: json(databases),
  DATABASE_USER: text,
  DATABASE_PASSWORD: text,
  DATABASE_CA_FILE: z.optional(text),
  JOURNALS: json(eachCentre(database)),
  CACHES: json(eachCentre(byName(url))),
  CACHE_USER: z.optional(text),
  CACHE_PASSWORD: z.optional(text),
  CACHE_REPLICAS: z._default(json(z.int().check(z.minimum(0), z.maximum(5))), 0),
  SEARCH: json(byName(z.strictObject({ url, centre: z.enum(centreNames) }))),
  SEARCH_USER: z.optional(text),
  SEARCH_PASSWORD: z.optional(text),
  QUEUES: json(eachCentre(z.strictObject({ url, region, endpoint }))),
  WITNESS: json(z.strictObject({ region, table: text, endpoint })),
  PARAMETERS: json(z.strictObject({ region, endpoint })),
  TOPOLOGY_PARAMETER: text,
  OTHER_PARAMETERS: z.optional(json(z.strictObject({ region, topology: text, endpoint }))),
  CALLERS_PARAMETER: text,
  KEYRING: text,
  GLOBAL_CLUSTERS: z.optional(json(byName(z.strictObject({ global: text, members: eachCentre(text) })))),
  OBSERVER: z.optional(json(z.strictObject({ urls: eachCentre(url), key: text }))),
});

export type Settings = z.output<typeof settings>;

export type VariableName = keyof Settings;

export const variableNames = Object.keys(settings.shape) as VariableName[];

/** Of the observer alone, or for parts that ask who one is: those on a developer's machine do not. */
export const variablesOfSome = [
  'OBSERVER',
  'GLOBAL_CLUSTERS',
  'DATABASE_CA_FILE',
  'CACHE_USER',
  'CACHE_PASSWORD',
  'CACHE_REPLICAS',
  'SEARCH_USER',
  'SEARCH_PASSWORD',
] as const satisfies readonly VariableName[];

/** The function's environment is not as it must be. Names every fault. */
export class SettingsInvalid extends Error {
  readonly code = 'settings-invalid';
}

/** @throws SettingsInvalid */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const result = settings.safeParse(environment);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, code, message }) => {
    const [name = ''] = path;
    if (environment[String(name)] === undefined) return `${String(name)} is missing`;
    return `${path.map(String).join('.')} ${code === 'custom' ? message : 'is not valid'}`;
  });
  throw new SettingsInvalid(`The environment is not as it must be: ${[...new Set(faults)].join('; ')}.`);
}

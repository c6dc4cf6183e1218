/**
 * Variables that are kept in Secrets Manager: secrets, and what is too long for a function's environment, which holds
 * 4 KB. Read once, when an environment begins; whoever changes a secret starts new ones (docs/deployment.md).
 *
 * `STORED_VARIABLES` names them, JSON: `{region, endpoint?, variables: {NAME: {secret, field?}}}`. With `field` the
 * secret is a JSON object, and the variable one of its members (as JSON, where that is no text).
 */
import * as z from 'zod/mini';
import { SettingsInvalid } from './env.ts';

const text = z.string().check(z.minLength(1));

const stored = z.strictObject({
  region: text,
  /** Without it that of the environment (`AWS_ENDPOINT_URL`): of a stand-in. */
  endpoint: z.optional(text),
  variables: z.record(text, z.strictObject({ secret: text, field: z.optional(text) })),
});

type Environment = Readonly<Record<string, string | undefined>>;

export interface SecretPlace {
  readonly region: string;
  readonly endpoint: string;
}

/**
 * The environment with all its variables.
 * @param storeAt reads one secret there
 * @throws SettingsInvalid without any value: they are secrets
 */
export async function withStoredVariables(
  environment: Environment,
  storeAt: (place: SecretPlace) => (secret: string) => Promise<string>,
): Promise<Environment> {
  const given = environment.STORED_VARIABLES;
  if (given === undefined) return environment;
  const parsed = stored.safeParse(parsedJson(given));
  const { region, endpoint = environment.AWS_ENDPOINT_URL, variables } = parsed.data ?? {};
  if (region === undefined || endpoint === undefined || variables === undefined)
    throw new SettingsInvalid('The environment is not as it must be: STORED_VARIABLES is not valid.');
  const read = storeAt({ region, endpoint });
  const names = [...new Set(Object.values(variables).map(({ secret }) => secret))];
  const values = new Map(await Promise.all(names.map(async (name) => [name, await read(name)] as const)));
  const found = Object.entries(variables).map(([name, { secret, field }]) => {
    const value = values.get(secret) ?? '';
    return [name, field === undefined ? value : memberOf(value, secret, field)] as const;
  });
  return { ...environment, ...Object.fromEntries(found) };
}

function memberOf(value: string, secret: string, field: string): string {
  const member = (parsedJson(value) as Readonly<Record<string, unknown>> | null)?.[field];
  if (member === undefined)
    throw new SettingsInvalid(`The environment is not as it must be: ${secret} has no ${field}.`);
  return typeof member === 'string' ? member : JSON.stringify(member);
}

function parsedJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** What the command line of `npm run caller` may say. */
import { parseArgs } from 'node:util';
import type { Particulars } from '../../functions/core/caller/registrar.ts';
import { routes } from '../../functions/runtime/routes.ts';

export const usage = `Who may ask: the registry of callers, in both centres.

  npm run caller -- add NAME --owner WHO --team TEAM --purpose WHY --lane critical|marketing
                             --operations read,write --rate N
  npm run caller -- rotate NAME       one more key; of three the oldest is dropped
  npm run caller -- disable NAME      refused everywhere within 30 s, with all its keys
  npm run caller -- disable --key     one key, read from standard input
  npm run caller -- list [--json]     everybody; no keys

  --operations      what it is expected to ask for: read, write, or functions' names (look-up-member,...)
  --rate            how many requests a second it is expected to send
  --one-centre      with rotate: although one registry does not answer

A key is printed once, by add and rotate, and kept nowhere. What could not be reached is named: run the same command
again once it is back. Exit codes: 0 everything is everywhere; 1 something is left to do, or refused; 2 misuse.

MEMBERSHIP_REGISTRIES   where both registries are, beside the environment of a centre's functions; not needed for the
                        copy that runs on this machine`;

export class Misused extends Error {}

export type Request =
  | { readonly kind: 'help' }
  | { readonly kind: 'add'; readonly particulars: Particulars }
  | { readonly kind: 'rotate'; readonly name: string; readonly onOneCentre: boolean }
  | { readonly kind: 'disable'; readonly name: string }
  | { readonly kind: 'disable-key' }
  | { readonly kind: 'list'; readonly asJson: boolean };

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const spec = {
  owner: text,
  team: text,
  purpose: text,
  lane: text,
  operations: text,
  rate: text,
  key: flag,
  json: flag,
  help: flag,
  'one-centre': flag,
} as const;

const optionsOf = {
  add: ['owner', 'team', 'purpose', 'lane', 'operations', 'rate'],
  rotate: ['one-centre'],
  disable: ['key'],
  list: ['json'],
} as const;

/** @throws Misused */
export function parseOptions(args: readonly string[]): Request {
  const { values, positionals } = parsed(args);
  const [command = '', name, ...rest] = positionals;
  if (values.help || command === '' || command === 'help') return { kind: 'help' };
  if (!Object.hasOwn(optionsOf, command))
    throw new Misused(`unknown command ${command}: add, rotate, disable or list`);
  const allowed: readonly string[] = optionsOf[command as keyof typeof optionsOf];
  const other = Object.keys(values).find((option) => !allowed.includes(option));
  if (other) throw new Misused(`${command} takes no --${other}`);
  const needsName = !(command === 'list' || (command === 'disable' && values.key));
  if (needsName && (name === undefined || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)))
    throw new Misused(`${command} needs the caller's name: 1 to 64 of a-z 0-9 -`);
  if (rest.length > 0 || (!needsName && name !== undefined))
    throw new Misused(`${rest[0] ?? name} is too much; a key is never given as an argument`);
  const of = name ?? '';
  switch (command as keyof typeof optionsOf) {
    case 'add':
      return { kind: 'add', particulars: particularsOf(of, values) };
    case 'rotate':
      return { kind: 'rotate', name: of, onOneCentre: values['one-centre'] ?? false };
    case 'disable':
      return values.key ? { kind: 'disable-key' } : { kind: 'disable', name: of };
    case 'list':
      return { kind: 'list', asJson: values.json ?? false };
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: spec, allowPositionals: true });
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

type Values = ReturnType<typeof parsed>['values'];

function particularsOf(name: string, values: Values): Particulars {
  const line = (option: 'owner' | 'team' | 'purpose', charactersMax: number): string => {
    const value = values[option]?.trim() ?? '';
    if (value.length === 0 || value.length > charactersMax)
      throw new Misused(`--${option} is needed: 1 to ${charactersMax} characters`);
    return value;
  };
  const { lane } = values;
  if (lane !== 'critical' && lane !== 'marketing') throw new Misused('--lane is critical or marketing');
  const known = [
    'read',
    'write',
    ...routes.filter(({ kind }) => kind !== 'open').map((route) => route.function),
  ];
  const operations = [...new Set((values.operations ?? '').split(','))];
  const unknown = operations.find((operation) => !known.includes(operation));
  if (unknown !== undefined)
    throw new Misused(`--operations are of ${known.join(', ')}, with commas between`);
  const ratePerSecond = Number(values.rate);
  if (!(ratePerSecond > 0 && ratePerSecond <= 1_000_000))
    throw new Misused('--rate is needed: requests a second, above 0');
  return {
    name,
    owner: line('owner', 100),
    team: line('team', 100),
    purpose: line('purpose', 200),
    lane,
    operations,
    ratePerSecond,
  };
}

import { parseArgs } from 'node:util';

const limitMax = 1000;

export const usage = `Usage: npm run history -- MEMBERID [--json] [--limit N] [--after VERSION]

Tells what was done to a member, oldest first, and by whom: cancelled members too. Identifiers are
shown by their keyed hashes; no value of a member's is kept there, or shown.

  --json           one JSON document
  --limit N        at most N changes, 1 to ${limitMax} (default 100)
  --after VERSION  those after this version: the next page`;

export interface Options {
  readonly memberId: string;
  readonly isJson: boolean;
  readonly limit: number;
  readonly afterVersion: number;
}

/** The command was not called as it must be. */
export class Misused extends Error {}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws Misused */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [memberId = '', ...others] = positionals;
  if (memberId === '' || others.length > 0) throw new Misused('it takes one member id');
  if (!uuid.test(memberId.toLowerCase())) throw new Misused('a member id is a UUID, as in a receipt');
  return {
    memberId: memberId.toLowerCase(),
    isJson: values.json ?? false,
    limit: integer('--limit', values.limit ?? '100', 1, limitMax),
    afterVersion: integer('--after', values.after ?? '0', 0, Number.MAX_SAFE_INTEGER),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'boolean' },
        limit: { type: 'string' },
        after: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Misused(`${name} must be a whole number from ${least} to ${most}`);
}

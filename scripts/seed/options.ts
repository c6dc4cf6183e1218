/** What the command line asks for. */
import { parseArgs } from 'node:util';
import { peopleMax, seedMax } from '../people/numbers.ts';

export const usage = `Usage: npm run seed -- --members N | --file FILE

Registers members in bulk, with everything that a registration promises: what is counted is acknowledged in both centres.
Whatever ends a run (Ctrl-C, kill -9), the same command begins it again, does nothing twice and finishes the rest.

  --members N    N made-up people, Chinese and English; the same ones again for the same seed
  --seed S       0 to ${seedMax}; no two seeds have an identifier in common (1)
  --file FILE    members of your own: .csv (a header with name, phone, unionId, cardNo and a column for each platform),
                 or .jsonl (one body of POST /v1/members a line)
  --rejected R   where the lines go that are not in, with their number and why (FILE.rejected.jsonl)

It works on the service whose environment is set (functions/runtime/env.ts), or else on the copy that runs here.
Exit code 0: all are in. 1: some lines are rejected, or the run did not come to its end. 2: it was not begun.`;

export type SeedOptions =
  | { readonly kind: 'generated'; readonly members: number; readonly seed: number }
  | { readonly kind: 'file'; readonly path: string; readonly rejectedPath: string };

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[]): SeedOptions | 'help' {
  const { members, seed, file, rejected, help } = parsed(args);
  if (help) return 'help';
  if ((members === undefined) === (file === undefined)) throw new UsageFault('Give --members or --file.');
  if (file !== undefined) {
    if (seed !== undefined) throw new UsageFault('--seed goes with --members.');
    return { kind: 'file', path: file, rejectedPath: rejected ?? `${file}.rejected.jsonl` };
  }
  if (rejected !== undefined) throw new UsageFault('--rejected goes with --file.');
  return {
    kind: 'generated',
    members: whole('members', members ?? '', 1, peopleMax),
    seed: whole('seed', seed ?? '1', 0, seedMax),
  };
}

function whole(name: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageFault(`--${name} must be a whole number from ${min} to ${max}.`);
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ members: text, seed: text, file: text, rejected: text },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

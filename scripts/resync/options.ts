import { parseArgs } from 'node:util';
import { slotCount } from '../../functions/core/sharding/sharding.ts';

export const usage = `Usage: npm run resync -- --target CLUSTER [options]

Compares a search cluster with the database, mends what differs, and goes over it again until one whole pass has found
nothing: then it is equal, and is opened for readers if it was not. May be stopped at any point and run again. The relays do
the same by themselves for a cluster that may not be read; docs/search.md tells when to do it by hand. Exit code 1 if it
could not be proven equal.

  --target CLUSTER   its name in the configuration: primary, backup, marketing
  --lost             it has lost something (was restored from a snapshot, say): readers are kept away until it is equal
  --prepare          makes its indexes first, closed to readers, if they are not there
  --shards N         of the indexes that --prepare makes (1)
  --replicas N       the same (0)
  --rate R           slots a second that are compared, at most (256)
  --from SLOT        begins there: what an earlier run has done is compared once more only for the proof (0)
  --help`;

export interface ResyncOptions {
  readonly target: string;
  readonly isLost: boolean;
  readonly prepare: { readonly shards: number; readonly replicas: number } | null;
  readonly slotsPerSecond: number;
  readonly fromSlot: number;
}

/** The command line is not as it must be. */
export class Misused extends Error {}

/** @throws Misused */
export function readOptions(args: readonly string[], targets: readonly string[]): ResyncOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const number = (name: 'rate' | 'from' | 'shards' | 'replicas', usual: number, min: number, max: number) => {
    const text = values[name] ?? String(usual);
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new Misused(`--${name} takes a whole number from ${min} to ${max}`);
  };
  const { target } = values;
  if (target === undefined) throw new Misused(`--target is missing; there are ${targets.join(', ')}`);
  if (!targets.includes(target))
    throw new Misused(`there is no search cluster "${target}"; there are ${targets.join(', ')}`);
  const size = { shards: number('shards', 1, 1, 1024), replicas: number('replicas', 0, 0, 10) };
  return {
    target,
    isLost: values.lost ?? false,
    prepare: values.prepare ? size : null,
    slotsPerSecond: number('rate', 256, 1, 1_000_000),
    fromSlot: number('from', 0, 0, slotCount - 1),
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      target: { type: 'string' },
      lost: { type: 'boolean' },
      prepare: { type: 'boolean' },
      shards: { type: 'string' },
      replicas: { type: 'string' },
      rate: { type: 'string' },
      from: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

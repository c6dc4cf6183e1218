import { parseArgs } from 'node:util';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';

export const usage = `Usage: npm run promote -- --to B [options]

Moves the writers of all database clusters to a centre: a switchover while both centres live, a failover when not.
Nothing in it needs the other centre. May be stopped at any point and run again: it goes on from there.
docs/promotion.md tells what each step does, and what to do when one stops.

  --to A|B      the centre that writes afterwards
  --back        returns to A: waits until all sinks have all changes, and proves that A's copies equal the writers, first
  --planned     only if every old writer can be closed: nothing is lost then, and nothing is waited for
  --wait S      seconds that --back waits for what is on its way (120)
  --help`;

export interface PromoteOptions {
  readonly to: CentreName;
  readonly isBack: boolean;
  readonly onlyPlanned: boolean;
  readonly waitMs: number;
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[]): PromoteOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const isBack = values.back ?? false;
  const to = values.to ?? (isBack ? 'A' : undefined);
  if (to === undefined) throw new UsageFault('--to A or --to B is needed');
  const centre = centreNames.find((name) => name === to);
  if (centre === undefined) throw new UsageFault(`--to takes A or B, not "${to}"`);
  const waitSeconds = Number(values.wait ?? '120');
  if (!(waitSeconds > 0 && waitSeconds <= 86_400))
    throw new UsageFault('--wait takes a number above 0, up to 86400');
  return {
    to: centre,
    isBack,
    onlyPlanned: isBack || (values.planned ?? false),
    waitMs: waitSeconds * 1000,
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      to: { type: 'string' },
      back: { type: 'boolean' },
      planned: { type: 'boolean' },
      wait: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

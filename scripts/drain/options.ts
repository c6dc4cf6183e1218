import { parseArgs } from 'node:util';
import type { Topology } from '../../functions/core/failover/topology.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';

export const usage = `Usage: npm run drain -- --centre A|B [--undo]

Lets a centre be left: it finishes what it has, serves whoever still comes, and answers health checks with 503, so that
names lead to the other centre. Nothing moves but the callers.

  --undo     lets it be led to again
  --help`;

export interface DrainOptions {
  readonly centre: CentreName;
  readonly isUndo: boolean;
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[]): DrainOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const centre = centreNames.find((name) => name === values.centre);
  if (centre === undefined) throw new UsageFault('--centre A or --centre B is needed');
  return { centre, isUndo: values.undo ?? false };
}

/** The topology with the centre being left, or not; null when it says so already. */
export function drained({ isDraining = false, ...topology }: Topology, wanted: boolean): Topology | null {
  if (isDraining === wanted) return null;
  return wanted ? { ...topology, isDraining: true } : topology;
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      centre: { type: 'string' },
      undo: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

import { parseArgs } from 'node:util';

export const usage = `Usage: npm run drill -- [options]

Brings up both centres, its own copy of them, registers members, runs a steady mix of reads and writes through the front
door, and puts real faults in the way, one after another. Ends with a report; exit code 1, with the reasons, when a goal
does not hold. docs/drill.md tells what the goals are.

  --list            the scenarios
  --only NAME       this one alone; may come several times
  --members N       how many to register (20000)
  --rate R          requests a second (200)
  --duration S      stops putting faults in the way after so many seconds of load (900)
  --report FILE     where the report goes: FILE.json and FILE.html (drill-report/report)
  --history FILE    writes every attempt there, one JSON object a line
  --seed N          the order of requests is made from it (1)
  --keep            leaves the data, with its logs, where it was
  --help

MEMBERSHIP_HOME and MEMBERSHIP_BASE_PORT say where it keeps its data and listens, as for "npm start"; without them
that is .local and 4700. Its data lies in "drill" there, apart from a copy that runs.`;

export interface DrillOptions {
  readonly isList: boolean;
  readonly only: readonly string[];
  readonly members: number;
  readonly ratePerSecond: number;
  readonly durationSeconds: number;
  /** Without its ending. */
  readonly report: string;
  readonly history: string | undefined;
  readonly seed: number;
  readonly keeps: boolean;
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[], names: readonly string[]): DrillOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const number = (
    name: 'members' | 'rate' | 'duration' | 'seed',
    usual: number,
    min: number,
    max: number,
  ): number => {
    const text = values[name] ?? String(usual);
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new UsageFault(`--${name} must be a whole number from ${min} to ${max}`);
  };
  const only = values.only ?? [];
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageFault(`there is no scenario "${unknown}". There are: ${names.join(', ')}`);
  return {
    isList: values.list ?? false,
    only,
    members: number('members', 20_000, 100, 200_000),
    ratePerSecond: number('rate', 200, 1, 500),
    durationSeconds: number('duration', 900, 10, 3_600),
    report: (values.report ?? 'drill-report/report').replace(/\.(json|html)$/, ''),
    history: values.history,
    seed: number('seed', 1, 0, 2 ** 31),
    keeps: values.keep ?? false,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ list: flag, keep: flag, help: { type: 'boolean', short: 'h' } },
        ...{ members: text, rate: text, duration: text, report: text, history: text, seed: text },
        only: { type: 'string', multiple: true },
      },
    }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

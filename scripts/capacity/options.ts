import { parseArgs } from 'node:util';
import { type AssumptionName, type Assumptions, chosen } from './assumptions.ts';
import type { Workload } from './model.ts';

export const usage = `Usage: npm run capacity -- --members 1.2e9 --reads 30000 --writes 20000

  --members N              members to hold
  --reads N                reads a second at the peak, over both centres
  --writes N               writes a second at the peak
  --assume NAME=VALUE      another assumption than the model's; may come several times
  --prices FILE            unit prices of your own, like scripts/capacity/prices.json
  --json                   for programs`;

/** The command was asked for something that it cannot do. */
export class Misused extends Error {}

export interface Options {
  readonly workload: Workload;
  readonly assumptions: Readonly<Partial<Assumptions>>;
  readonly prices: string | undefined;
  readonly json: boolean;
}

/** Null when help was asked for. @throws Misused */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parsed(args);
  if (values.help) return null;
  return {
    workload: {
      members: positive('--members', values.members),
      readsPerSecond: positive('--reads', values.reads),
      writesPerSecond: positive('--writes', values.writes),
    },
    assumptions: Object.fromEntries((values.assume ?? []).map(assumptionIn)),
    prices: values.prices,
    json: values.json === true,
  };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        members: text,
        reads: text,
        writes: text,
        assume: { ...text, multiple: true },
        prices: text,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
  } catch (error) {
    throw new Misused((error as Error).message);
  }
}

function positive(name: string, text: string | undefined): number {
  const value = Number(text ?? Number.NaN);
  if (!(value > 0 && Number.isFinite(value))) throw new Misused(`${name} must be a number above 0.`);
  return value;
}

function assumptionIn(text: string): [AssumptionName, number] {
  const [name = '', value] = text.split('=');
  if (!Object.hasOwn(chosen, name)) throw new Misused(`There is no assumption "${name}".`);
  return [name as AssumptionName, positive(`--assume ${name}`, value)];
}

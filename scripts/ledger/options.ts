import { parseArgs } from 'node:util';

export const usage = `Usage: npm run ledger -- [options]

Lists, by receipt, what promotions took out of the journal, and what a lost centre alone had acknowledged. docs/promotion.md
tells what to do about them.

  --json                 one JSON object a line, with the whole change
  --from USER:PASSWORD@HOST:PORT
                         first reads what the database there alone has: an old writer that returned, or a copy restored of it
  --forget EPOCH         deletes what the promotions up to this epoch left, and lists nothing
  --help`;

export interface LedgerOptions {
  readonly isJson: boolean;
  readonly from: string | null;
  readonly forget: number | null;
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[]): LedgerOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const { json = false, from = null } = values;
  const forget = values.forget === undefined ? null : Number(values.forget);
  if (forget !== null && !(Number.isInteger(forget) && forget > 0))
    throw new UsageFault('--forget takes the number of an epoch');
  if (from !== null && !/^[^\s:@]+:[^\s:@]*@[^\s:@]+:\d{1,5}$/.test(from))
    throw new UsageFault('--from takes USER:PASSWORD@HOST:PORT, in URL encoding');
  return { isJson: json, from, forget };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      json: { type: 'boolean' },
      from: { type: 'string' },
      forget: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

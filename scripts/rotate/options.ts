import { parseArgs } from 'node:util';

export const usage = `Usage: npm run rotate -- [options]

Writes every member down again that is not sealed with the first sealing key, or not held under every identifiers key,
of the keyring; then counts, in every store, what lies under which key. May be stopped at any point and run again: who
is current is passed over. docs/keys.md tells what to deploy before and after. Exit code 1 if anything is left.

  --rate R      members a second that are written, at most (200)
  --drop-old    holds identifiers under the first key of the keyring alone. Only when no function knows just the other!
  --wait S      seconds to wait for the other stores to follow, each time (120)
  --help`;

export interface RotateOptions {
  readonly ratePerSecond: number;
  readonly dropOld: boolean;
  readonly waitMs: number;
}

/** The command line is not as it must be. */
export class UsageFault extends Error {}

/** @throws UsageFault */
export function readOptions(args: readonly string[]): RotateOptions | 'help' {
  const values = parsed(args);
  if (values.help) return 'help';
  const number = (name: 'rate' | 'wait', usual: number, max: number): number => {
    const text = values[name] ?? String(usual);
    const value = Number(text);
    if (text.trim() !== '' && value > 0 && value <= max) return value;
    throw new UsageFault(`--${name} takes a number above 0, up to ${max}`);
  };
  return {
    ratePerSecond: number('rate', 200, 100_000),
    dropOld: values['drop-old'] ?? false,
    waitMs: number('wait', 120, 86_400) * 1000,
  };
}

function parsed(args: readonly string[]) {
  try {
    const options = {
      rate: { type: 'string' },
      wait: { type: 'string' },
      'drop-old': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
}

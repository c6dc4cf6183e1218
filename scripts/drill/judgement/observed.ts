/** What the consistency observers of both centres reported, out of the functions' logs. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Report } from '../../../functions/core/observer/nines.ts';

/** How many answers there were of each kind: see docs/observer.md. */
export type Observed = Record<keyof Report[number]['counts'], number>;

export const nothingObserved: Observed = {
  consistent: 0,
  labelled: 0,
  missed: 0,
  overtaken: 0,
  unanswered: 0,
};

/** @param lines of the logs of functions; others than an observer's reports are passed over */
export async function sumOfReports(lines: AsyncIterable<string> | Iterable<string>): Promise<Observed> {
  const sum = { ...nothingObserved };
  for await (const line of lines) {
    if (!line.includes('"observe-consistency"') || !line.includes('"report"')) continue;
    for (const { counts } of reportIn(line))
      for (const verdict of Object.keys(sum) as (keyof Observed)[]) sum[verdict] += counts[verdict] ?? 0;
  }
  return sum;
}

/** A line that was cut short by the end of its process is none. */
function reportIn(line: string): Report {
  try {
    return (JSON.parse(line) as { readonly report?: Report }).report ?? [];
  } catch {
    return [];
  }
}

export async function* linesOf(paths: readonly string[]): AsyncGenerator<string> {
  for (const path of paths) yield* createInterface({ input: createReadStream(path) });
}

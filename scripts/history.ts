/** Tells a member's life: `npm run history -- --help`. */
import { deadlineAfter } from '../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../functions/core/kernel/invariant.ts';
import { SettingsInvalid } from '../functions/runtime/env.ts';
import { Misused, readOptions, usage } from './history/options.ts';
import { told } from './history/told.ts';
import { NoService, operatorParts } from './operator.ts';

const withinMs = 20_000;

async function run(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(usage);
    return 0;
  }
  const { clock, history } = operatorParts();
  const page = await history(options.memberId, options, deadlineAfter(clock, withinMs));
  if (page.changes.length + page.unreadable.length === 0 && options.afterVersion === 0) {
    const where = page.isFinal ? '' : `, as far as ${page.source} shows (the writer is away)`;
    console.error(`history: there is no member ${options.memberId}${where}.`);
    return 1;
  }
  const { memberId } = options;
  console.log(options.isJson ? JSON.stringify({ memberId, ...page }, undefined, 2) : told(memberId, page));
  return 0;
}

/** What went wrong, and the way out of it. */
function explain(error: unknown): number {
  if (error instanceof Misused) {
    console.error(`history: ${error.message}\n\n${usage}`);
    return 2;
  }
  if (error instanceof NoService || error instanceof SettingsInvalid)
    console.error(`history: ${error.message}`);
  else if (error instanceof DependencyUnavailable)
    console.error(`history: ${error.message}. "npm run status" tells what is up; run it again.`);
  else throw error;
  return 1;
}

process.exit(await run().catch(explain));

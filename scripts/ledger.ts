/** Lists what promotions took from the journal, and what was lost with a centre: see `docs/promotion.md`. */
import { deadlineAfter } from '../functions/core/kernel/clock.ts';
import { centreNames } from '../functions/core/propagation/event.ts';
import { ledgersOf, salvageFrom } from '../functions/runtime/composition/promotion.ts';
import { type LedgerOptions, readOptions, UsageFault, usage } from './ledger/options.ts';
import { lineOf, summaryOf } from './ledger/report.ts';
import { addressIn } from './local/database-preparation.ts';
import { operatorParts } from './operator.ts';

const pageRows = 200;
const askMs = 10_000;

/** @returns false when a centre's ledger did not answer */
async function run({ isJson, from, forget }: LedgerOptions): Promise<boolean> {
  const parts = operatorParts();
  const { settings, clock } = parts;
  const ledgers = ledgersOf(parts);
  if (from !== null) {
    const found = await salvageFrom(settings, parts, addressIn(`mysql://${from}`));
    console.error(`${found} changes were that database's alone.`);
  }
  const counts = { 'from-journal': 0, 'one-centre': 0 };
  let isWhole = true;
  for (const centre of centreNames) {
    const ledger = ledgers[centre];
    try {
      if (forget !== null) {
        console.log(`${centre}: ${await ledger?.forget(forget, deadlineAfter(clock, askMs))} forgotten`);
        continue;
      }
      for (let after = 0; ; ) {
        const page = (await ledger?.page(after, pageRows, deadlineAfter(clock, askMs))) ?? [];
        for (const { number, ...entry } of page) {
          console.log(isJson ? JSON.stringify(entry) : lineOf(entry));
          counts[entry.kind]++;
          after = number;
        }
        if (page.length < pageRows) break;
      }
    } catch (error) {
      console.error(`The ledger in ${centre} cannot be read: ${(error as Error).message}.`);
      isWhole = false;
    }
  }
  if (forget === null && !isJson) console.log(summaryOf(counts));
  return isWhole;
}

let code = 1;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  code = options === 'help' || (await run(options)) ? 0 : 1;
} catch (error) {
  if (error instanceof UsageFault) {
    console.error(`ledger: ${error.message}\n\n${usage}`);
    code = 2;
  } else console.error(`ledger: ${(error as Error).message}`);
}
process.exit(code);

/** Moves the writers of all database clusters to a centre: see `docs/promotion.md`. May be stopped at any point and run again. */
import { makePromotionOf } from '../functions/runtime/composition/promotion.ts';
import { operatorParts } from './operator.ts';
import { engineOf } from './promote/engine.ts';
import { faultsOfReturn } from './promote/equality.ts';
import { type PromoteOptions, readOptions, UsageFault, usage } from './promote/options.ts';
import { describe } from './promote/report.ts';

async function run({ to, isBack, onlyPlanned, waitMs }: PromoteOptions): Promise<boolean> {
  const parts = operatorParts(to);
  const { settings, clock } = parts;
  if (isBack) {
    const faults = await faultsOfReturn(parts, to, waitMs, console.log);
    if (faults.length > 0) {
      console.error(`Nothing was changed: ${faults.join('; ')}.`);
      return false;
    }
  }
  const began = clock.monotonicMs();
  const { promote } = makePromotionOf(settings, parts, {
    engine: engineOf(settings, clock),
    onStep: (step, tookMs) => console.log(`  ${step.padEnd(10)} ${(tookMs / 1000).toFixed(2)} s`),
  });
  const outcome = await promote({ onlyPlanned });
  console.log(describe(to, outcome));
  if (outcome.kind === 'promoted')
    console.log(`It took ${((clock.monotonicMs() - began) / 1000).toFixed(1)} s.`);
  return outcome.kind === 'promoted' || outcome.kind === 'standing';
}

let code = 1;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  code = options === 'help' || (await run(options)) ? 0 : 1;
} catch (error) {
  if (error instanceof UsageFault) {
    console.error(`promote: ${error.message}\n\n${usage}`);
    code = 2;
  } else console.error(`promote: ${(error as Error).message}`);
}
process.exit(code);

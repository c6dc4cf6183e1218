/** Compares a search cluster with the database and mends it: `npm run resync -- --help`, and `docs/search.md`. */
import { prepareSearch } from '../functions/adapters/opensearch/prepare-search.ts';
import { deadlineAfter } from '../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../functions/core/kernel/invariant.ts';
import { reconcileOf, upkeepOf } from '../functions/runtime/composition/search.ts';
import { SettingsInvalid } from '../functions/runtime/env.ts';
import { NoService, operatorParts } from './operator.ts';
import { Misused, readOptions, usage } from './resync/options.ts';
import { describe, describeProgress } from './resync/report.ts';
import { resync } from './resync/run.ts';

const withinMs = 30_000;
const partsShown = 8;

async function run(): Promise<number> {
  if (process.argv.includes('--help') || process.argv.includes('-h')) {
    console.log(usage);
    return 0;
  }
  const parts = operatorParts();
  const { clock, settings, centreState } = parts;
  const options = readOptions(process.argv.slice(2), Object.keys(settings.SEARCH));
  if (options === 'help') return 0;
  const { target, isLost, prepare } = options;
  const cluster = upkeepOf(settings, parts)[target];
  const url = settings.SEARCH[target]?.url;
  if (!cluster || !url) throw new Misused(`there is no search cluster "${target}"`);
  const soon = () => deadlineAfter(clock, withinMs);
  const epoch = async (): Promise<number> => {
    await centreState.refresh(soon());
    return (await centreState.current(soon())).epoch;
  };
  if (prepare)
    await prepareSearch({
      ...prepare,
      name: `search:${target}`,
      url,
      clock,
      epoch: await epoch(),
      isReadable: false,
      deadline: soon(),
    });
  if (isLost) {
    await cluster.setReadable(false, soon());
    console.log(`${target} is closed to readers until it is equal.`);
  }
  let shown = -1;
  const report = await resync(
    {
      cluster,
      reconcile: reconcileOf(parts),
      epoch,
      clock,
      onProgress(progress) {
        const part = progress.pass * partsShown + Math.floor((progress.nextSlot / 1024) * partsShown);
        if (part !== shown) console.log(describeProgress(progress));
        shown = part;
      },
    },
    options,
  );
  console.log(describe(target, report));
  return report.isEqual ? 0 : 1;
}

/** What went wrong, and the way out of it. */
function explain(error: unknown): number {
  if (error instanceof Misused) {
    console.error(`resync: ${error.message}\n\n${usage}`);
    return 2;
  }
  if (error instanceof NoService || error instanceof SettingsInvalid)
    console.error(`resync: ${error.message}`);
  else if (error instanceof DependencyUnavailable)
    console.error(`resync: ${error.message}. "npm run status" tells what is up; run it again.`);
  else throw error;
  return 1;
}

process.exit(await run().catch(explain));

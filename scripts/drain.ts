/** Lets a centre be left, or led to again: see `docs/promotion.md`. May be stopped at any point and run again. */
import { makeTopologyDocument } from '../functions/adapters/parameters/topology-document.ts';
import { deadlineAfter } from '../functions/core/kernel/clock.ts';
import { orNull } from '../functions/core/kernel/invariant.ts';
import { parameterOf } from '../functions/runtime/composition/shared.ts';
import { healthCheck } from '../functions/runtime/routing.ts';
import { type DrainOptions, drained, readOptions, UsageFault, usage } from './drain/options.ts';
import { operatorParts } from './operator.ts';

const askMs = 5_000;

async function run({ centre, isUndo }: DrainOptions): Promise<void> {
  const parts = operatorParts(centre);
  const { settings, clock, sinks } = parts;
  const document = makeTopologyDocument(parameterOf(settings, parts, 'TOPOLOGY_PARAMETER'));
  const topology = await document.change((before) => drained(before, !isUndo), deadlineAfter(clock, askMs));
  // The relay would, within seconds.
  const state = JSON.stringify(topology);
  await Promise.all(
    Object.values(sinks.caches[centre]).map((cache) =>
      orNull(cache.putState(state, deadlineAfter(clock, askMs))),
    ),
  );
  const { requestIntervalSeconds, failureThreshold } = healthCheck;
  const seconds = requestIntervalSeconds * failureThreshold;
  console.log(
    isUndo
      ? `${centre} calls itself well again: callers are led to it within ${seconds} s.`
      : `${centre} calls itself unhealthy, and goes on serving whoever comes: names lead elsewhere within ${seconds} s.`,
  );
  if (!isUndo && topology.writer === centre)
    console.log('The writers are still here: "npm run promote" moves them.');
}

let code = 0;
try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(usage);
  else await run(options);
} catch (error) {
  code = error instanceof UsageFault ? 2 : 1;
  console.error(`drain: ${(error as Error).message}${code === 2 ? `\n\n${usage}` : ''}`);
}
process.exit(code);

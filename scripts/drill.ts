/** Puts real faults in the way of both centres under load, and reports what callers saw: see `docs/drill.md`. */
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type DrillOptions, readOptions, UsageFault, usage } from './drill/options.ts';
import { tableOf } from './drill/report/table.ts';
import { writeReport } from './drill/report/write-report.ts';
import { drill } from './drill/run.ts';
import { scenarios } from './drill/scenarios/scenarios.ts';
import { deleteData } from './local/data.ts';
import { readBasePort } from './local/ports.ts';

const usualPort = '4700';
const usualHome = '.local';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(options: DrillOptions): Promise<boolean> {
  const { MEMBERSHIP_BASE_PORT = usualPort, MEMBERSHIP_HOME = usualHome } = process.env;
  // Of its own, wherever that is: it is deleted.
  const home = join(resolve(MEMBERSHIP_HOME), 'drill');
  const place = { home, basePort: readBasePort({ MEMBERSHIP_BASE_PORT }) };
  const { only, report } = options;
  const chosen = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
  mkdirSync(dirname(resolve(report)), { recursive: true });
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  // Members of an earlier drill would be strangers in the history of this one.
  await deleteData(home);
  const drilled = await drill(options, place, chosen, stopping.signal, say);
  if (!options.keeps) await deleteData(home);
  say(`\n${tableOf(drilled)}\n`);
  writeReport(report, drilled);
  say(`${report}.json\n${report}.html`);
  for (const reason of drilled.reasons) say(`FAILED: ${reason}`);
  if (drilled.reasons.length === 0) say('Every goal holds.');
  return drilled.reasons.length === 0;
}

let code = 1;
try {
  const options = readOptions(
    process.argv.slice(2),
    scenarios.map(({ name }) => name),
  );
  if (options === 'help') {
    say(usage);
    code = 0;
  } else if (options.isList) {
    for (const { name, fault } of scenarios) say(`${name.padEnd(18)}${fault}`);
    code = 0;
  } else code = (await run(options)) ? 0 : 1;
} catch (error) {
  process.stderr.write(`drill: ${(error as Error).message}\n`);
  if (error instanceof UsageFault) {
    process.stderr.write(`\n${usage}\n`);
    code = 2;
  }
}
process.exit(code);

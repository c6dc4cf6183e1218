/** `npm run load`: a client of the API that keeps its own record and judges every answer by it. See `options.ts`. */
import { writeFileSync } from 'node:fs';
import { drive } from './driver.ts';
import { figuresOf } from './figures.ts';
import { measureLanes } from './lanes.ts';
import { checkAddress, type LoadOptions, readOptions, UsageFault, usage } from './options.ts';
import { reportOf } from './report.ts';
import { findRunningCopy, type Targets } from './running-copy.ts';

const usageExitCode = 2;
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function run(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.includes('--lanes')) return measureLanes(args, say);
  const options = readOptions(args, Date.now());
  if (options === 'help') {
    say(usage);
    return 0;
  }
  const targets = await targetsOf(options);
  for (const address of [targets.frontDoor, ...targets.centres]) checkAddress(address, options.allowedHosts);
  const { members, seconds, pace, seed } = options;
  const pacing = pace.kind === 'rate' ? `${pace.perSecond} requests/s` : `${pace.count} callers`;
  say(`${members} members, ${seconds} s of ${pacing} at ${targets.frontDoor}, seed ${seed}`);
  const figures = figuresOf(await drive(options, targets, say));
  say(`\n${reportOf(figures)}`);
  if (options.json !== undefined) {
    const { key: _, ...given } = options;
    writeFileSync(options.json, `${JSON.stringify({ options: given, ...figures }, undefined, 2)}\n`);
  }
  return figures.wrong > 0 ? 1 : 0;
}

async function targetsOf({ url, key, centres }: LoadOptions): Promise<Targets> {
  if (url === undefined || key === undefined) return findRunningCopy();
  return { frontDoor: url, centres, key };
}

try {
  process.exitCode = await run();
} catch (error) {
  const isUsage = error instanceof UsageFault;
  process.stderr.write(`${(error as Error).message}\n${isUsage ? `\n${usage}\n` : ''}`);
  process.exitCode = isUsage ? usageExitCode : 1;
}

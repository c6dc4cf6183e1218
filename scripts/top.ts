/** `npm run top`: both centres of the copy that runs on this machine, live, from their functions' logs. */
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ownerOf } from './local/directory-owner.ts';
import { homeDirectory } from './local/locations.ts';
import { readState } from './local/state.ts';
import { frameOf } from './top/frame.ts';
import { openScreen } from './top/screen.ts';
import { coloured, plain, type Style } from './top/style.ts';
import { type Watch, watchCopy } from './top/watch.ts';

const USAGE = `Usage: npm run top -- [OPTIONS]

  --seconds N   count over the last N seconds, 1 to 300 (10 without it)
  --once        show it once and end; so it does without a terminal, too
  --json        as JSON: one document with --once, otherwise one a second, each on a line
  --help        this text

Shows the copy that runs on this machine (MEMBERSHIP_HOME), both centres side by side: requests, latencies, hit rate
and freshness by lane; outcomes; outboxes, journals, queues, replicas, leases, grants and Redis clusters. "q" or Ctrl-C
ends it. docs/telemetry.md tells what each number means, and where it is found on AWS.`;

const usageFault = 2;
const everyMs = 1_000;
const secondsMax = 300;
const columnsWithoutTerminal = 128;
const nothingRuns =
  'Nothing runs here. "npm start" starts it; with MEMBERSHIP_HOME set, a copy that keeps its data there is shown.';

interface Options {
  readonly seconds: number;
  readonly once: boolean;
  readonly json: boolean;
}

class Misused extends Error {}

function optionsIn(args: readonly string[]): Options | 'help' {
  const options = {
    seconds: { type: 'string', default: '10' },
    once: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    throw new Misused((error as Error).message);
  }
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > secondsMax)
    throw new Misused(`--seconds takes a whole number from 1 to ${secondsMax}`);
  return values.help ? 'help' : { seconds, once: values.once, json: values.json };
}

async function run(): Promise<number> {
  const options = optionsIn(process.argv.slice(2));
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  const directory = homeDirectory(process.env);
  const isRunning = (): boolean => readState(directory) !== undefined && ownerOf(directory) !== undefined;
  if (!isRunning()) {
    console.error(nothingRuns);
    return 1;
  }
  const watch = watchCopy(directory, options.seconds, Date.now());
  try {
    if (options.once || !(process.stdout.isTTY || options.json)) showOnce(watch, options);
    else if (options.json) await showAsJson(watch, isRunning);
    else await showLive(watch, isRunning);
    return 0;
  } finally {
    watch.close();
  }
}

function styleOf(): Style {
  return process.stdout.isTTY && !process.env.NO_COLOR ? coloured : plain;
}

function showOnce(watch: Watch, { json }: Options): void {
  const picture = watch.look(Date.now());
  const columns = process.stdout.columns ?? columnsWithoutTerminal;
  const lines = json
    ? [JSON.stringify(picture, undefined, 2)]
    : frameOf(picture, { columns, style: styleOf() });
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function showAsJson(watch: Watch, isRunning: () => boolean): Promise<void> {
  // Who reads has gone.
  process.stdout.on('error', () => process.exit(0));
  while (isRunning()) {
    process.stdout.write(`${JSON.stringify(watch.look(Date.now()))}\n`);
    await pause(everyMs);
  }
}

async function showLive(watch: Watch, isRunning: () => boolean): Promise<void> {
  const screen = openScreen(process.stdout, process.stdin, (end) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  });
  process.on('exit', screen.restore);
  const draw = (): void => {
    const notice = isRunning() ? undefined : 'It does not run any more. "q" leaves.';
    screen.show(frameOf(watch.look(Date.now()), { columns: screen.columns(), style: styleOf(), notice }));
  };
  const interval = setInterval(draw, everyMs);
  process.stdout.on('resize', draw);
  try {
    draw();
    await screen.left;
  } finally {
    clearInterval(interval);
    process.stdout.off('resize', draw);
    screen.restore();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof Misused)) throw error;
  console.error(`top: ${error.message}\n\n${USAGE}`);
  process.exitCode = usageFault;
}

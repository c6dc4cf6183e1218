/** `npm start`, `npm stop`, `npm run status` and `npm run reset`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { reset, sayIfRunning, startDetached, stop } from './commands.ts';
import { LocalFailure } from './failure.ts';
import { homeDirectory } from './locations.ts';
import { readBasePort } from './ports.ts';
import { showStatus } from './status.ts';

const USAGE = `Usage: node scripts/local/cli.ts COMMAND

  start [--detach]   start both centres; with --detach, return once all is healthy
  stop               end them; their data stays
  status [--json]    how each part is right now
  reset              stop, and delete the data

With npm, options come after "--": npm start -- --detach

Environment:
  MEMBERSHIP_BASE_PORT        the first port; 4100 without it
  MEMBERSHIP_HOME             where data and logs are kept; .local in the repository without it
  MEMBERSHIP_CACHE            where downloads are kept
  MEMBERSHIP_ENDPOINT_<PART>  an address to use instead of starting that part, for example
                              MEMBERSHIP_ENDPOINT_REDIS_A_0=redis://127.0.0.1:6379`;

const USAGE_FAULT = 2;

const OPTIONS: Record<string, string[]> = { start: ['detach'], stop: [], status: ['json'], reset: [] };

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      detach: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  const [command = '', ...rest] = positionals;
  if (values.help) {
    say(USAGE);
    return 0;
  }
  const allowed = OPTIONS[command];
  if (!allowed || rest.length > 0)
    return refuse(command ? `There is no "${positionals.join(' ')}".` : 'Which command?');
  const surplus = Object.keys(values).find((option) => !allowed.includes(option));
  if (surplus) return refuse(`"${command}" takes no --${surplus}.`);

  const directory = homeDirectory(process.env);
  if (command === 'stop') return stop(directory, say);
  if (command === 'reset') return reset(directory, say);
  if (command === 'status') return showStatus(directory, values.json === true, say);
  const basePort = readBasePort(process.env);
  if (await sayIfRunning(directory, say)) return 0;
  if (values.detach) {
    const supervisor = [process.execPath, fileURLToPath(import.meta.url), 'start'];
    return startDetached(directory, supervisor, (text) => void process.stdout.write(text));
  }
  // Only here: the other commands must not wait for all the services to load.
  const { supervise } = await import('./supervisor.ts');
  return supervise(directory, basePort, say);
}

function refuse(reason: string): number {
  process.stderr.write(`${reason}\n\n${USAGE}\n`);
  return USAGE_FAULT;
}

try {
  process.exitCode = await run();
} catch (error) {
  const isUsage =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (isUsage) {
    process.exitCode = refuse(error.message);
  } else {
    const text = error instanceof LocalFailure ? error.message : String((error as Error)?.stack ?? error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}
// Something of a service may still hold the process: what had to be stopped is stopped.
process.exit();

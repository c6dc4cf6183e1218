/** `npm run deploy:local` and `npm run destroy:local`. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LocalFailure } from '../local/failure.ts';
import { placeIn } from './place.ts';

const usage = `Usage: npm run deploy:local | npm run destroy:local

deploy:local   starts the engines and a stand-in for AWS, if they are not up, and deploys the stacks of the stage
               "local" into its regions with the CDK's own command; again: deploys what has changed
destroy:local  destroys the stacks, ends what was started, and deletes its data

With npm, options come after "--": npm run deploy:local -- --json

  --json                the addresses and keys, for programs

Environment:
  AWS_ENDPOINT_URL      a stand-in of your own (LocalStack) instead: nothing is started here then
  MEMBERSHIP_BASE_PORT  the first port, less ${60}: the copy that npm start runs is before it; 4100 without it
  MEMBERSHIP_HOME       where data and logs are kept, below "deployed"; .local in the repository without it`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  const [command = '', ...rest] = positionals;
  if (values.help) {
    say(usage);
    return 0;
  }
  if (rest.length > 0 || !['deploy', 'destroy', 'hold'].includes(command)) {
    say(usage);
    return 2;
  }
  const place = placeIn(process.env);
  if (command === 'hold') return (await import('./hold.ts')).hold(place, say);
  if (command === 'destroy') return (await import('./destroy.ts')).destroy(place, say);
  const holder = [process.execPath, fileURLToPath(import.meta.url), 'hold'];
  const deployed = await (await import('./deploy.ts')).deploy(place, holder, say);
  if (values.json) process.stdout.write(`${JSON.stringify(deployed, undefined, 2)}\n`);
  return 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  const isUsage =
    error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  say(
    isUsage
      ? `${error.message}\n\n${usage}`
      : error instanceof LocalFailure
        ? error.message
        : String((error as Error)?.stack ?? error),
  );
  process.exitCode = isUsage ? 2 : 1;
}
// Something of a client may still hold the process.
process.exit();

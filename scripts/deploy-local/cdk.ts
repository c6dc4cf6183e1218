/** The CDK's own command, told of the stand-in and of nothing else. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LocalFailure } from '../local/failure.ts';

const program = fileURLToPath(new URL('../../node_modules/aws-cdk/bin/cdk', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface CdkRequest {
  readonly args: readonly string[];
  readonly directory: string;
  readonly endpoint: string;
  readonly onLine: (line: string) => void;
}

/** Everything that it says is kept in `logs/cdk.log`. @throws LocalFailure when it ends badly */
export async function runCdk({ args, directory, endpoint, onLine }: CdkRequest): Promise<void> {
  const logFile = join(directory, 'logs', 'cdk.log');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = spawn(process.execPath, [program, ...args, '--no-notices', '--ci'], {
    cwd: root,
    env: variablesFor(directory, endpoint),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      last.push(line);
      if (last.length > 20) last.shift();
      onLine(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  log.end();
  if (code === 0) return;
  const command = `cdk ${args.slice(0, 2).join(' ')}`;
  throw new LocalFailure(`${command} failed. Its log, ${logFile}, ends:\n${last.join('\n')}`);
}

/** No credential or setting of the user's reaches it: what is meant for the stand-in must never reach AWS. */
function variablesFor(directory: string, endpoint: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  return {
    ...Object.fromEntries(own),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_HOME: directory,
    NO_COLOR: '1',
  };
}

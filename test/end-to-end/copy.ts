/** A copy of the whole service for tests: started, asked and ended by its own commands, as a user would. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ownPlace } from '../own-place.ts';
import { startWatchdog } from './watchdog.ts';

/** What `npm run status -- --json` promises. */
export interface Status {
  readonly frontDoor: string;
  readonly centres: Readonly<Record<'A' | 'B', { readonly url: string }>>;
  readonly callers: Readonly<
    Record<'orders' | 'campaigns', { readonly key: string; readonly lane: string; readonly url: string }>
  >;
  readonly parts: readonly { readonly name: string; readonly state: string; readonly address: string }[];
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
}

export interface Copy {
  readonly home: string;
  readonly basePort: number;
  command(...args: string[]): Promise<CommandResult>;
  /** @throws Error when it does not come up, with all that it said */
  start(): Promise<Status>;
  status(): Promise<Status>;
  /** Ends it, and leaves nothing. */
  end(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const commandWithinMs = 170_000;

/** Runs a script of the project with this Node. */
export function runScript(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  withinMs = commandWithinMs,
): Promise<CommandResult> {
  const options = { cwd: root, timeout: withinMs, env: { ...process.env, ...variables } };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], options, (error, output, faults) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, output: output + faults });
    });
  });
}

/** Prepares one; nothing runs yet. Whatever an earlier run left there is ended and deleted. */
export async function prepareCopy(name: string, firstPort: number): Promise<Copy> {
  const { basePort, directory: home } = ownPlace(name, firstPort);
  const watchdog = startWatchdog(home);
  const variables = { MEMBERSHIP_HOME: home, MEMBERSHIP_BASE_PORT: String(basePort) };
  const command: Copy['command'] = (...args) => runScript('scripts/local/cli.ts', args, variables);
  const status = async (): Promise<Status> => JSON.parse((await command('status', '--json')).output);
  await command('reset');
  return {
    home,
    basePort,
    command,
    status,
    async start() {
      const { exitCode, output } = await command('start', '--detach');
      if (exitCode !== 0) throw new Error(`the copy does not start:\n${output}`);
      return status();
    },
    async end() {
      await command('reset');
      watchdog.dismiss();
    },
  };
}

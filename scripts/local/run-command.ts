import { type ChildProcess, spawn } from 'node:child_process';
import { LocalFailure } from './failure.ts';

export interface CommandResult {
  code: number;
  output: string;
}

const OUTPUT_CHARACTERS_MAX = 64 * 1024;

const running = new Set<ChildProcess>();

// Whoever is interrupted in the middle of a download does not leave the download behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Runs a command to its end and answers its code and the end of what it printed. It is killed past the deadline. */
export function runCommand(
  command: string,
  args: string[],
  options: { withinMs: number; input?: string; env?: NodeJS.ProcessEnv; workingDirectory?: string },
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.workingDirectory,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.withinMs,
      killSignal: 'SIGKILL',
    });
    running.add(child);
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_CHARACTERS_MAX);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const finish = (result: CommandResult) => {
      running.delete(child);
      resolve(result);
    };
    child.on('error', (error) => finish({ code: 127, output: error.message }));
    child.on('close', (code) => finish({ code: code ?? 137, output }));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** @throws LocalFailure with the end of what a command printed, when it failed */
export function demand({ code, output }: CommandResult, what: string): void {
  if (code !== 0) throw new LocalFailure(`${what}:\n${output.trimEnd().split('\n').slice(-15).join('\n')}`);
}

/**
 * Outlives a process that starts engines just long enough to end them. It waits for the end of its input, which
 * comes when the other end of the pipe is closed, by a clean stop or by the death of its parent, however abrupt.
 *
 * Run as a program: `guardian.ts RUN_DIRECTORY OWNER_PID OWNER_STARTED_AT`.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { currentProcess } from './process-identity.ts';
import { endRecordedProcesses } from './process-records.ts';

export interface Guardian {
  readonly pid: number | undefined;
  /** To be called when nothing is left to guard. */
  dismiss(): void;
}

/** Starts the guardian of the processes that this process records in the directory. */
export function startGuardian(runDirectory: string): Guardian {
  const owner = currentProcess();
  const file = fileURLToPath(import.meta.url);
  // A session of its own: Ctrl-C in the terminal must not end it before what it guards.
  const child = spawn(process.execPath, [file, runDirectory, String(owner.pid), owner.startedAt], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  child.unref();
  return { pid: child.pid, dismiss: () => child.stdin.destroy() };
}

async function guard(runDirectory: string, ownerPid: string, ownerStartedAt: string): Promise<void> {
  for await (const _ of process.stdin) {
    // Nothing is ever said; only the end matters.
  }
  await endRecordedProcesses(runDirectory, { pid: Number(ownerPid), startedAt: ownerStartedAt });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [runDirectory = '', ownerPid = '', ownerStartedAt = ''] = process.argv.slice(2);
  await guard(runDirectory, ownerPid, ownerStartedAt);
}

/** What the commands do that do not run anything themselves. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deleteData, logFileOf } from './data.ts';
import { ownerOf } from './directory-owner.ts';
import { LocalFailure } from './failure.ts';
import { pollUntil } from './polling.ts';
import { identifyProcess, isAlive, signalProcess } from './process-identity.ts';
import { endRecordedProcesses, runDirectoryOf } from './process-records.ts';
import { readState, removeState } from './state.ts';
import { askStatus } from './status.ts';

/** Downloads included, which come once. */
const START_WITHIN_MS = 1_800_000;
const STOP_WITHIN_MS = 45_000;

/** Says so and answers true when this copy already runs. */
export async function sayIfRunning(directory: string, say: (line: string) => void): Promise<boolean> {
  const status = await askStatus(directory);
  if (status.phase === 'stopped') return false;
  const what =
    status.phase === 'up' ? `It already runs: ${status.state.frontDoor}` : 'It is already starting';
  say(`${what} (in ${directory}). "npm run status" shows its parts, "npm stop" ends it.`);
  return true;
}

/** Starts a supervisor of its own, passes on what it says, and answers the exit code once it is up or has failed. */
export async function startDetached(
  directory: string,
  supervisorCommand: string[],
  write: (text: string) => void,
): Promise<number> {
  const logFile = logFileOf(directory, 'supervisor');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const [program = '', ...args] = supervisorCommand;
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  child.unref();
  child.on('error', () => {});
  if (!identity) throw new LocalFailure('The supervisor could not be started.');

  let shown = 0;
  const passOn = () => {
    const text = readFileSync(logFile);
    write(text.subarray(shown).toString('utf8'));
    shown = text.length;
  };
  const isUp = () => readState(directory)?.supervisor.startedAt === identity.startedAt;
  const settled = () => {
    passOn();
    return isUp() || !isAlive(identity);
  };
  await pollUntil(settled, { deadlineMs: START_WITHIN_MS, everyMs: 100 });
  if (isUp()) {
    // It says what is up right after it writes its state.
    await pollUntil(() => readFileSync(logFile, 'utf8').includes('All is up'), { deadlineMs: 2_000 });
    passOn();
    return 0;
  }
  passOn();
  write(`It did not start; all it said is in ${logFile}.\n`);
  return 1;
}

/** Ends this copy, and whatever one that died left behind. */
export async function stop(directory: string, say: (line: string) => void): Promise<number> {
  const owner = ownerOf(directory);
  if (owner) {
    signalProcess(owner, 'SIGTERM');
    const inTime = await pollUntil(() => !isAlive(owner), { deadlineMs: STOP_WITHIN_MS });
    if (!inTime) signalProcess(owner, 'SIGKILL');
  }
  const left = await endRecordedProcesses(runDirectoryOf(directory));
  removeState(directory);
  if (left.length > 0) say(`Ended what was left behind: ${left.join(', ')}.`);
  say(owner || left.length > 0 ? 'Stopped.' : 'It does not run.');
  return 0;
}

/** Stops this copy and deletes all its data. The shared cache stays. */
export async function reset(directory: string, say: (line: string) => void): Promise<number> {
  await stop(directory, say);
  await deleteData(directory);
  say(`Deleted the data in ${directory}.`);
  return 0;
}

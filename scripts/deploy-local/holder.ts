/** Sees to it that engines and stand-in are up, held by a process of their own. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { stop } from '../local/commands.ts';
import { deleteData, logFileOf } from '../local/data.ts';
import { ownerOf } from '../local/directory-owner.ts';
import { LocalFailure } from '../local/failure.ts';
import { pollUntil } from '../local/polling.ts';
import { identifyProcess, isAlive } from '../local/process-identity.ts';
import { type Held, type Place, readHeld } from './place.ts';

/** Downloads included, which come once. */
const startWithinMs = 1_800_000;

/** What is held now. */
export function heldAt(place: Place): Held | undefined {
  const owner = ownerOf(place.directory);
  const held = readHeld(place);
  const isSame = owner !== undefined && held?.supervisor.pid === owner.pid;
  return isSame && held.supervisor.startedAt === owner.startedAt ? held : undefined;
}

/**
 * The stand-in forgets what was deployed when it ends, secrets among it, and without these the engines' data is of no
 * use: so both begin empty.
 */
export async function ensureHeld(
  place: Place,
  command: readonly string[],
  say: (line: string) => void,
): Promise<Held> {
  const { directory } = place;
  const known = heldAt(place);
  if (known) return known;
  if (ownerOf(directory)) throw new LocalFailure(`It is already starting in ${directory}.`);
  await stop(directory, () => {});
  await deleteData(directory);
  rmSync(directory, { recursive: true, force: true });
  say('Starting the engines and the stand-in:');
  const logFile = logFileOf(directory, 'holder');
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'w');
  const [program = '', ...args] = command;
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', () => {});
  child.unref();
  const identity = child.pid === undefined ? undefined : identifyProcess(child.pid);
  if (!identity) throw new LocalFailure('The process that holds the engines could not be started.');
  let shown = 0;
  const passOn = (): void => {
    const lines = readFileSync(logFile, 'utf8').split('\n').slice(0, -1);
    for (const line of lines.slice(shown)) say(line);
    shown = lines.length;
  };
  const settled = (): boolean => {
    passOn();
    return heldAt(place) !== undefined || !isAlive(identity);
  };
  await pollUntil(settled, { deadlineMs: startWithinMs, everyMs: 200 });
  passOn();
  const held = heldAt(place);
  if (!held) throw new LocalFailure(`The engines did not start; all they said is in ${logFile}.`);
  return held;
}

/** Ends what is held, and deletes it. */
export async function release(place: Place): Promise<void> {
  await stop(place.directory, () => {});
  await deleteData(place.directory);
  rmSync(place.directory, { recursive: true, force: true });
}

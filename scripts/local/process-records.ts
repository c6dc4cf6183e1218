/**
 * Which processes a data directory has running, one small file each under `run/`. A record is written right after
 * its process was spawned and removed after it ended, so that whoever comes next (the guardian, a later start or
 * stop) can end what an abruptly killed owner left, and nothing else.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, writeFileAtomically } from './files.ts';
import { pollUntil } from './polling.ts';
import { currentProcess, isAlive, type ProcessIdentity, signalProcess } from './process-identity.ts';

export interface ProcessRecord extends ProcessIdentity {
  name: string;
  /** The process that started it and will end it. */
  owner: ProcessIdentity;
}

/** How long what was left behind may take to end by itself before it is killed. */
const LEFTOVER_GRACE_MS = 10_000;

export function runDirectoryOf(directory: string): string {
  return join(directory, 'run');
}

export function recordProcess(runDirectory: string, name: string, identity: ProcessIdentity): void {
  mkdirSync(runDirectory, { recursive: true });
  const record: ProcessRecord = { name, ...identity, owner: currentProcess() };
  writeFileAtomically(recordPath(runDirectory, name), JSON.stringify(record));
}

export function forgetProcess(runDirectory: string, name: string): void {
  rmSync(recordPath(runDirectory, name), { force: true });
}

export function readRecords(runDirectory: string): ProcessRecord[] {
  let names: string[];
  try {
    names = readdirSync(runDirectory).filter((name) => name.endsWith('.process.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => readJson<ProcessRecord>(join(runDirectory, name)) ?? []);
}

/**
 * Ends the recorded processes, gently and then by force, and forgets them. With an owner, only those of that owner.
 * Answers the names of those that were still alive.
 */
export async function endRecordedProcesses(
  runDirectory: string,
  owner?: ProcessIdentity,
  graceMs = LEFTOVER_GRACE_MS,
): Promise<string[]> {
  const records = readRecords(runDirectory).filter(
    (record) => !owner || (record.owner.pid === owner.pid && record.owner.startedAt === owner.startedAt),
  );
  const living = records.filter(isAlive);
  for (const record of living) {
    signalProcess(record, 'SIGTERM');
    // A stopped process gets the signal only once it runs again.
    signalProcess(record, 'SIGCONT');
  }
  const allEnded = () => !living.some(isAlive);
  if (!(await pollUntil(allEnded, { deadlineMs: graceMs }))) {
    for (const record of living) signalProcess(record, 'SIGKILL');
    await pollUntil(allEnded, { deadlineMs: 5_000 });
  }
  for (const record of records) if (!isAlive(record)) forgetProcess(runDirectory, record.name);
  return living.map((record) => record.name);
}

function recordPath(runDirectory: string, name: string): string {
  return join(runDirectory, `${name}.process.json`);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pollUntil } from '../../scripts/local/polling.ts';
import { identifyProcess, isAlive } from '../../scripts/local/process-identity.ts';
import {
  endRecordedProcesses,
  type ProcessRecord,
  readRecords,
  recordProcess,
  runDirectoryOf,
} from '../../scripts/local/process-records.ts';

const OWNER = fileURLToPath(new URL('./programs/owner.ts', import.meta.url));
const SLEEP = ['-e', 'setInterval(() => {}, 1000)'];

let directory: string;
let run: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'membership-guardian-'));
  run = runDirectoryOf(directory);
});

afterEach(async () => {
  await endRecordedProcesses(run, undefined, 0);
  rmSync(directory, { recursive: true });
});

/** Starts an owner, waits until its child runs, and kills it as a power cut would. */
async function killOwner(guarded: 'guarded' | 'unguarded'): Promise<ProcessRecord> {
  const owner = spawn(process.execPath, [OWNER, directory, guarded], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(owner.stdout, 'data');
  const [record] = readRecords(run);
  if (!record) throw new Error('The owner recorded nothing.');
  expect(isAlive(record)).toBe(true);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  return record;
}

async function startBystander(): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, SLEEP, { stdio: 'ignore' });
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

describe('what a killed owner leaves', () => {
  it('is ended by its guardian', async () => {
    const record = await killOwner('guarded');
    expect(await pollUntil(() => !isAlive(record), { deadlineMs: 10_000 })).toBe(true);
    expect(await pollUntil(() => readRecords(run).length === 0, { deadlineMs: 10_000 })).toBe(true);
  });

  it('is ended by whoever comes next, when the guardian is gone too', async () => {
    const record = await killOwner('unguarded');
    expect(isAlive(record)).toBe(true);
    expect(await endRecordedProcesses(run)).toEqual(['sleeper']);
    expect(isAlive(record)).toBe(false);
    expect(readRecords(run)).toEqual([]);
  });

  it('is left alone by the guardian of another owner', async () => {
    const record = await killOwner('unguarded');
    const stranger = { pid: process.pid, startedAt: 'another' };
    expect(await endRecordedProcesses(run, stranger)).toEqual([]);
    expect(isAlive(record)).toBe(true);
  });
});

describe('a record', () => {
  it('of a pid that was handed out again ends nobody', async () => {
    const bystander = await startBystander();
    recordProcess(run, 'long-gone', { pid: bystander.pid, startedAt: 'an earlier boot/1' });
    expect(await endRecordedProcesses(run)).toEqual([]);
    expect(identifyProcess(bystander.pid)).toBeDefined();
    expect(readRecords(run)).toEqual([]);
    bystander.kill('SIGKILL');
  });

  it('of a stalled process ends it all the same', async () => {
    const child = await startBystander();
    const identity = identifyProcess(child.pid);
    if (!identity) throw new Error('not started');
    recordProcess(run, 'stalled', identity);
    child.kill('SIGSTOP');
    expect(await endRecordedProcesses(run)).toEqual(['stalled']);
    expect(isAlive(identity)).toBe(false);
  });
});

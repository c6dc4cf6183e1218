import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pollUntil } from '../../scripts/local/polling.ts';
import { type ManagedProcess, makeManagedProcess } from '../../scripts/local/process.ts';
import { endRecordedProcesses, readRecords } from '../../scripts/local/process-records.ts';

/** Says where it is by making a file, then runs on. */
const READY = `require('fs').writeFileSync('ready', ''); setInterval(() => {}, 1000)`;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'membership-process-'));
});

afterEach(async () => {
  await endRecordedProcesses(directory, undefined, 0);
  rmSync(directory, { recursive: true });
});

function make(
  program: string,
  limits: { readyWithinMs?: number; stopWithinMs?: number } = {},
): ManagedProcess {
  return makeManagedProcess(
    {
      name: 'example',
      command: process.execPath,
      args: ['-e', program],
      env: {},
      workingDirectory: directory,
      logFile: join(directory, 'logs', 'example.log'),
      isReady: async () => existsSync(join(directory, 'ready')),
      readyWithinMs: limits.readyWithinMs ?? 10_000,
      stopWithinMs: limits.stopWithinMs ?? 10_000,
    },
    directory,
  );
}

describe('a managed process', () => {
  it('is up once it serves, is recorded while it runs, and is gone after a stop', async () => {
    const example = make(READY);
    await example.start();
    expect(example.state()).toBe('up');
    expect(readRecords(directory).map((record) => record.pid)).toEqual([example.pid()]);
    await example.stop();
    expect(example.state()).toBe('stopped');
    expect(example.pid()).toBeUndefined();
    expect(readRecords(directory)).toEqual([]);
  });

  it('that ends while it starts says why, with the end of its log', async () => {
    const example = make(`console.error('no room left'); process.exit(3)`);
    await expect(example.start()).rejects.toThrow(/example ended while it started.*no room left/s);
    expect(example.state()).toBe('failed');
  });

  it('that cannot be found says so', async () => {
    const example = makeManagedProcess(
      {
        name: 'nowhere',
        command: '/nowhere/program',
        args: [],
        env: {},
        workingDirectory: directory,
        logFile: join(directory, 'nowhere.log'),
        isReady: async () => false,
        readyWithinMs: 10_000,
        stopWithinMs: 10_000,
      },
      directory,
    );
    await expect(example.start()).rejects.toThrow('nowhere ended while it started');
  });

  it('that never serves is given up in time', async () => {
    const example = make('setInterval(() => {}, 1000)', { readyWithinMs: 50 });
    await expect(example.start()).rejects.toThrow('did not answer within 0.05 s');
    await example.stop();
  });

  it('that will not end is ended by force', async () => {
    const example = make(`process.on('SIGTERM', () => {}); ${READY}`, { stopWithinMs: 50 });
    await example.start();
    await example.stop();
    expect(readRecords(directory)).toEqual([]);
  });

  it('can be killed and started again', async () => {
    const example = make(READY);
    await example.start();
    const before = example.pid();
    await example.kill();
    expect(example.state()).toBe('failed');
    await example.start();
    expect(example.pid()).not.toBe(before);
    await example.stop();
  });

  it('can be stalled, resumed, and stopped while it is stalled', async () => {
    const counting = `let n = 0; setInterval(() => require('fs').writeFileSync('ready', String(n++)), 5)`;
    const example = make(counting);
    await example.start();
    await example.stall();
    expect(example.state()).toBe('stalled');
    await example.resume();
    rmSync(join(directory, 'ready'));
    expect(await pollUntil(() => existsSync(join(directory, 'ready')), { deadlineMs: 5_000 })).toBe(true);
    await example.stall();
    await example.stop();
    expect(example.state()).toBe('stopped');
  });
});

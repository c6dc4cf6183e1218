/**
 * One engine's process: started, watched until it serves, hurt on purpose in drills, and ended for certain.
 *
 * States: `stopped` -> `starting` -> `up` -> `stopping` -> `stopped`. `failed`: it ended without being asked to,
 * a `kill()` included. `stalled`: it exists and answers nothing, after `stall()`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalFailure } from './failure.ts';
import { tailOf } from './files.ts';
import { pollUntil } from './polling.ts';
import { identifyProcess, type ProcessIdentity, signalProcess } from './process-identity.ts';
import { forgetProcess, recordProcess } from './process-records.ts';

export type ProcessState = 'stopped' | 'starting' | 'up' | 'stalled' | 'stopping' | 'failed';

export interface ProcessPlan {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  workingDirectory: string;
  logFile: string;
  /** The user to run as; the caller's own without it. */
  user?: { uid: number; gid: number } | undefined;
  /** Whether it serves by now. May throw for "no". */
  isReady: () => Promise<boolean>;
  /** What remains to be done once it answers, before it counts as up. */
  settle?: (() => Promise<void>) | undefined;
  readyWithinMs: number;
  stopWithinMs: number;
}

export interface ManagedProcess {
  readonly name: string;
  readonly state: () => ProcessState;
  /** While it runs. */
  readonly pid: () => number | undefined;
  /** Starts it and waits until it serves. Throws a `LocalFailure` with the end of its log when it does not. */
  start(): Promise<void>;
  /** Asks it to end, and ends it by force when it takes too long. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Freezes it: its connections stay open and nothing answers. */
  stall(): Promise<void>;
  resume(): Promise<void>;
}

const LOG_BYTES_MAX = 16 * 1024 * 1024;
const KILLED_WITHIN_MS = 5_000;

export function makeManagedProcess(plan: ProcessPlan, runDirectory: string): ManagedProcess {
  let child: ChildProcess | undefined;
  let identity: ProcessIdentity | undefined;
  let state: ProcessState = 'stopped';
  let ended: Promise<void> = Promise.resolve();

  function launch(): void {
    const log = openLog(plan.logFile);
    let launched: ChildProcess;
    try {
      launched = spawn(plan.command, plan.args, {
        cwd: plan.workingDirectory,
        env: plan.env,
        // A session of its own: Ctrl-C goes to whoever started it, which then ends everything in order.
        detached: true,
        stdio: ['ignore', log, log],
        ...plan.user,
      });
    } finally {
      closeSync(log);
    }
    child = launched;
    identity = launched.pid === undefined ? undefined : identifyProcess(launched.pid);
    if (identity) recordProcess(runDirectory, plan.name, identity);
    ended = new Promise((resolve) => {
      const end = () => {
        if (child === launched) {
          child = undefined;
          identity = undefined;
          state = state === 'stopping' ? 'stopped' : 'failed';
          forgetProcess(runDirectory, plan.name);
        }
        resolve();
      };
      launched.once('exit', end);
      launched.once('error', end);
    });
  }

  async function start(): Promise<void> {
    if (child) throw new Error(`${plan.name} is already started.`);
    state = 'starting';
    launch();
    const isUp = async () => child === undefined || (await plan.isReady());
    const inTime = await pollUntil(isUp, { deadlineMs: plan.readyWithinMs });
    if (!child) throw failure('ended while it started');
    if (!inTime) throw failure(`did not answer within ${plan.readyWithinMs / 1000} s`);
    try {
      await plan.settle?.();
    } catch (error) {
      throw failure(error instanceof Error ? error.message : String(error));
    }
    if (child) state = 'up';
  }

  async function endWith(signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
    if (identity) signalProcess(identity, signal);
    if (identity && signal === 'SIGTERM') signalProcess(identity, 'SIGCONT');
    return pollUntil(() => child === undefined, { deadlineMs: withinMs, everyMs: 10 });
  }

  async function forceEnd(): Promise<void> {
    if (!(await endWith('SIGKILL', KILLED_WITHIN_MS))) throw new Error(`${plan.name} could not be ended.`);
  }

  function failure(what: string): LocalFailure {
    return new LocalFailure(`${plan.name} ${what}. Its log, ${plan.logFile}, ends:\n${tailOf(plan.logFile)}`);
  }

  return {
    name: plan.name,
    state: () => state,
    pid: () => identity?.pid,
    start,
    async stop() {
      if (child) {
        state = 'stopping';
        if (!(await endWith('SIGTERM', plan.stopWithinMs))) await forceEnd();
        await ended;
      }
      state = 'stopped';
    },
    async kill() {
      if (!child) return;
      await forceEnd();
      await ended;
    },
    async stall() {
      if (identity && signalProcess(identity, 'SIGSTOP')) state = 'stalled';
    },
    async resume() {
      if (identity && signalProcess(identity, 'SIGCONT')) state = 'up';
    },
  };
}

/** Opened for appending; a long one is put aside first, and the one put aside before goes. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

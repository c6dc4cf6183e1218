import { readFileSync } from 'node:fs';

/**
 * A process beyond doubt. A pid alone is handed out again once its process has ended, so a record of a pid also
 * holds when that process began and in which boot of the machine: nothing is ever signalled by its pid alone.
 */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; equal for equal processes. */
  startedAt: string;
}

const STATE_FIELD = 0;
const START_TIME_FIELD = 19;

/** The identity of a living process, or undefined when there is none (one that ended but was not reaped is none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[STATE_FIELD] === 'Z' || fields[STATE_FIELD] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, startedAt: `${boot}/${fields[START_TIME_FIELD]}` };
  } catch {
    return undefined;
  }
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

export function currentProcess(): ProcessIdentity {
  const identity = identifyProcess(process.pid);
  if (!identity) throw new Error('This system does not tell when a process began (no /proc).');
  return identity;
}

/** Signals a process only while it is still the recorded one; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch {
    return false;
  }
}

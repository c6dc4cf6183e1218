/** What the processes of a copy have open, from /proc. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process with all that it started, and all that these started. */
export function processTree(rootPid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(Number(entry));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [rootPid];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

function parentOf(pid: number): number | null {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The second field is the command in brackets and may itself hold spaces and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return stat === '' ? null : Number(fields[1]);
}

export interface Listener {
  readonly pid: number;
  /** In hexadecimal, as the kernel writes it. */
  readonly address: string;
  readonly port: number;
}

/** Every socket on which one of the processes takes TCP connections. */
export function listenersOf(pids: readonly number[]): readonly Listener[] {
  const owners = new Map<string, number>();
  for (const pid of pids) {
    for (const inode of socketsOf(pid)) owners.set(inode, pid);
  }
  return listening().flatMap(({ inode, ...listener }) => {
    const pid = owners.get(inode);
    return pid === undefined ? [] : [{ pid, ...listener }];
  });
}

/** Every listening socket of this machine. */
export function listening(): readonly (Omit<Listener, 'pid'> & { readonly inode: string })[] {
  const listenState = '0A';
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) =>
    readOrEmpty(path)
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === listenState)
      .map((fields) => {
        const [address = '', port = ''] = (fields[1] ?? '').split(':');
        return { address, port: Number.parseInt(port, 16), inode: fields[9] ?? '' };
      }),
  );
}

/** 127.0.0.1, by itself or inside of an IPv6 address. */
export function isLoopback(address: string): boolean {
  return address === '0100007F' || address === '0000000000000000FFFF00000100007F';
}

function socketsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * Follows a log file that is put aside (to `PATH.1`) when it has become long. Who writes it may write to the one put
 * aside for a moment longer, so that is read once more before it is let go.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

export interface LogTail {
  /** The whole lines that came since the last call; at the first call, all that the file holds. */
  read(): readonly string[];
  close(): void;
}

interface OpenFile {
  readonly fd: number;
  readonly inode: number;
  offset: number;
  /** What came of a line that has no end yet. */
  rest: Buffer;
}

const chunkBytes = 1024 * 1024;
/** A line without an end that is longer than this is none. */
const restBytesMax = 1024 * 1024;
const newline = 0x0a;

export function makeLogTail(path: string): LogTail {
  let current = open(path);
  let putAside: OpenFile | undefined;

  return {
    read() {
      const lines: string[] = [];
      if (putAside) {
        drain(putAside, lines);
        closeSync(putAside.fd);
        putAside = undefined;
      }
      if (current) drain(current, lines);
      if (current?.inode !== inodeOf(path)) {
        const next = open(path);
        if (next) {
          putAside = current;
          current = next;
          drain(current, lines);
        }
      }
      return lines;
    },
    close() {
      for (const file of [current, putAside]) if (file) closeSync(file.fd);
      current = putAside = undefined;
    },
  };
}

/** The lines of the file that was put aside before, oldest first. */
export function linesPutAside(path: string): readonly string[] {
  try {
    return readFileSync(`${path}.1`, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function open(path: string): OpenFile | undefined {
  try {
    const fd = openSync(path, 'r');
    return { fd, inode: fstatSync(fd).ino, offset: 0, rest: Buffer.alloc(0) };
  } catch {
    return undefined;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

function drain(file: OpenFile, lines: string[]): void {
  // It was cut off: what comes now is new.
  if (fstatSync(file.fd).size < file.offset) [file.offset, file.rest] = [0, Buffer.alloc(0)];
  const chunk = Buffer.alloc(chunkBytes);
  for (;;) {
    const bytes = readSync(file.fd, chunk, 0, chunkBytes, file.offset);
    if (bytes === 0) return;
    file.offset += bytes;
    const text = Buffer.concat([file.rest, chunk.subarray(0, bytes)]);
    const end = text.lastIndexOf(newline) + 1;
    if (end > 0) lines.push(...text.toString('utf8', 0, end - 1).split('\n'));
    const rest = text.subarray(end);
    file.rest = rest.length > restBytesMax ? Buffer.alloc(0) : Buffer.from(rest);
  }
}

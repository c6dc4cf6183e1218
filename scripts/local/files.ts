import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Writes a whole file or none of it: a reader sees the old content or the new, never a part. */
export function writeFileAtomically(path: string, content: string, mode = 0o644): void {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(temporary, content, { mode });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** The parsed content, or undefined when there is no such file or it holds no JSON. */
export function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

const STACK_FRAME = /^\s+at /;

/** The end of a log, for a message about what went wrong: the frames of stacks, which hide the reason, left out. */
export function tailOf(path: string, lines = 15): string {
  try {
    const telling = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .filter((line) => !STACK_FRAME.test(line));
    return telling.slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

/**
 * Directories of the shared cache: made once, by whoever comes first, and whole or absent. The maker works under a
 * temporary name and renames at the end; others wait for it, and take over when it died.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LocalFailure } from './failure.ts';
import { readJson } from './files.ts';
import { pollUntil } from './polling.ts';
import { currentProcess, isAlive, type ProcessIdentity } from './process-identity.ts';

const WAIT_FOR_OTHER_MS = 900_000;

/**
 * The path of the entry, which `build` has filled, now or earlier.
 * @param name may hold slashes; must change when the content would
 */
export async function ensureCacheEntry(
  cacheDirectory: string,
  name: string,
  build: (temporaryDirectory: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheDirectory, name);
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  const release = await lock(`${path}.lock`, () => existsSync(path));
  if (!release) return path;
  try {
    if (existsSync(path)) return path;
    sweepUnfinished(path);
    const temporary = `${path}.making-${randomBytes(4).toString('hex')}`;
    try {
      mkdirSync(temporary);
      await build(temporary);
      publish(temporary, path);
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
    return path;
  } finally {
    release();
  }
}

function publish(temporary: string, path: string): void {
  try {
    renameSync(temporary, path);
  } catch (error) {
    // Two may take over from a dead maker at once; what the other one made is as good.
    if (!existsSync(path)) throw error;
  }
}

/** Waits for the lock and answers how to release it, or undefined once nobody needs it any more. */
async function lock(path: string, isDone: () => boolean): Promise<(() => void) | undefined> {
  const claim = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(claim, JSON.stringify(currentProcess()));
  try {
    let release: (() => void) | undefined;
    const settled = await pollUntil(
      () => {
        if (isDone()) return true;
        try {
          linkSync(claim, path);
          release = () => rmSync(path, { force: true });
          return true;
        } catch {
          const holder = readJson<ProcessIdentity>(path);
          if (holder && !isAlive(holder)) rmSync(path, { force: true });
          return false;
        }
      },
      { deadlineMs: WAIT_FOR_OTHER_MS, everyMs: 100 },
    );
    if (!settled)
      throw new LocalFailure(`Another process has held ${path} for too long; delete it if it is stuck.`);
    return release;
  } finally {
    rmSync(claim, { force: true });
  }
}

/** Removes what makers that died left behind; only the holder of the lock may. */
function sweepUnfinished(path: string): void {
  const prefix = `${path}.making-`;
  for (const name of readdirSync(dirname(path))) {
    const entry = join(dirname(path), name);
    if (entry.startsWith(prefix)) rmSync(entry, { recursive: true, force: true });
  }
}

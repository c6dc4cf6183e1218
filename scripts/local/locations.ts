/** Where things are kept: the cache that all copies share, and the data of one copy. */
import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** OpenSearch refuses to run as root, so root runs it as this user: `nobody`. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };

/** The user to run OpenSearch as; undefined for the own one. */
export function unprivilegedUser(): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? UNPRIVILEGED : undefined;
}

export function homeDirectory(environment: NodeJS.ProcessEnv): string {
  return resolve(environment.MEMBERSHIP_HOME || join(REPOSITORY, '.local'));
}

/** What was downloaded and prepared. Safe to delete while nothing runs. */
export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  const chosen = environment.MEMBERSHIP_CACHE;
  if (chosen) return resolve(chosen);
  const usual = join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'membership');
  // Root's home is usually closed to the user that OpenSearch runs as.
  return unprivilegedUser() && !isOpenToAll(usual) ? '/var/cache/membership' : usual;
}

/** Whether any user may pass through all directories above the path that exist by now. */
export function isOpenToAll(path: string): boolean {
  for (let place = dirname(resolve(path)); ; place = dirname(place)) {
    const mode = statSync(place, { throwIfNoEntry: false })?.mode;
    if (mode !== undefined && (mode & constants.S_IXOTH) === 0) return false;
    if (place === dirname(place)) return true;
  }
}

/** The full path of a program on the PATH, or undefined. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  for (const place of (environment.PATH ?? '').split(':').filter(Boolean)) {
    const path = join(place, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalFailure } from './failure.ts';
import { readJson } from './files.ts';
import { currentProcess, isAlive, type ProcessIdentity } from './process-identity.ts';
import { runDirectoryOf } from './process-records.ts';

function ownerPath(directory: string): string {
  return join(runDirectoryOf(directory), 'owner.json');
}

/** The living process that runs the engines of this directory, if any. */
export function ownerOf(directory: string): ProcessIdentity | undefined {
  const owner = readJson<ProcessIdentity>(ownerPath(directory));
  return owner && isAlive(owner) ? owner : undefined;
}

/**
 * Makes this process the only one that runs engines in the directory; throws when another living one does.
 * The answer gives it up again.
 */
export function claimDirectory(directory: string): () => void {
  const path = ownerPath(directory);
  mkdirSync(runDirectoryOf(directory), { recursive: true, mode: 0o755 });
  const claim = `${path}.${process.pid}`;
  writeFileSync(claim, JSON.stringify(currentProcess()));
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        // Linking fails when the name exists: of two that start at once, one wins.
        linkSync(claim, path);
        return () => rmSync(path, { force: true });
      } catch (error) {
        const owner = ownerOf(directory);
        if (owner) throw new LocalFailure(`It already runs in ${directory} (process ${owner.pid}).`);
        if (attempt === 3) throw error;
        rmSync(path, { force: true });
      }
    }
  } finally {
    rmSync(claim, { force: true });
  }
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCacheEntry } from './cache-entry.ts';
import { demand, runCommand } from './run-command.ts';

const DOWNLOAD_WITHIN_MS = 900_000;
const MAKE_WITHIN_MS = 120_000;

/**
 * The Python of a virtual environment with exactly what a file of requirements names, each wheel by its SHA-256. Made once
 * for each state of the file, and kept in the shared cache.
 */
export async function ensurePythonTools(request: {
  readonly name: string;
  /** The file's path. */
  readonly requirements: string;
  readonly python: string;
  readonly cacheDirectory: string;
  readonly onProgress: (line: string) => void;
}): Promise<string> {
  const { name, requirements, python, cacheDirectory, onProgress } = request;
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const directory = await ensureCacheEntry(cacheDirectory, `${name}-${key}`, async (temporary) => {
    onProgress(`downloading ${name} (into a virtual environment)`);
    demand(
      await runCommand(python, ['-m', 'venv', temporary], { withinMs: MAKE_WITHIN_MS }),
      'Python could not make a virtual environment',
    );
    const pip = [
      '-m',
      'pip',
      'install',
      '-q',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '-r',
      requirements,
    ];
    demand(
      await runCommand(join(temporary, 'bin', 'python'), pip, { withinMs: DOWNLOAD_WITHIN_MS }),
      `pip could not install ${name}`,
    );
  });
  return join(directory, 'bin', 'python');
}

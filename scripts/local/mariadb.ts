import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LocalFailure } from './failure.ts';
import { writeAccountsFile } from './mariadb-accounts.ts';
import { type MariadbRole, makeTemporaryDirectory, serverArguments } from './mariadb-options.ts';
import { probe } from './probes.ts';
import { type ManagedProcess, makeManagedProcess } from './process.ts';
import { runCommand } from './run-command.ts';
import type { Secrets } from './secrets.ts';

const COPY_WITHIN_MS = 120_000;
const READY_WITHIN_MS = 60_000;
/** It writes what is still in memory before it ends. */
const STOP_WITHIN_MS = 30_000;

/**
 * A MariaDB node. It starts read-only and following nobody; `settle` opens it or makes it follow.
 * @param databases what the service's user may work in
 */
export function makeMariadb(request: {
  name: string;
  baseDirectory: string;
  dataDirectory: string;
  port: number;
  serverId: number;
  role: MariadbRole;
  secrets: Secrets;
  databases: string[];
  logFile: string;
  runDirectory: string;
  settle: () => Promise<void>;
}): ManagedProcess {
  const { dataDirectory, port } = request;
  makeTemporaryDirectory(dataDirectory);
  const accounts = writeAccountsFile(dataDirectory, request.secrets, request.databases);
  return makeManagedProcess(
    {
      name: request.name,
      command: join(request.baseDirectory, 'bin', 'mariadbd'),
      args: [...serverArguments(request), `--init-file=${accounts}`],
      env: {},
      workingDirectory: dataDirectory,
      logFile: request.logFile,
      isReady: async () => (await probe(`mysql://127.0.0.1:${port}`)) === 'up',
      settle: request.settle,
      readyWithinMs: READY_WITHIN_MS,
      stopWithinMs: STOP_WITHIN_MS,
    },
    request.runDirectory,
  );
}

/** Makes a data directory that is a copy of another, whole or not at all. Neither may be in use. */
export async function copyDataDirectory(template: string, dataDirectory: string): Promise<void> {
  mkdirSync(dirname(dataDirectory), { recursive: true });
  const temporary = `${dataDirectory}.copying`;
  rmSync(temporary, { recursive: true, force: true });
  // A file system that can shares the blocks, and the copy takes no time.
  const { code, output } = await runCommand('cp', ['-r', '--reflink=auto', template, temporary], {
    withinMs: COPY_WITHIN_MS,
  });
  if (code !== 0) throw new LocalFailure(`A data directory could not be copied:\n${output}`);
  renameSync(temporary, dataDirectory);
}

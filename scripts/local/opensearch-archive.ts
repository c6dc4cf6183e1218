/**
 * The archive of parsed classes (AppCDS) that lets OpenSearch start in a fraction of the time. It is made once for
 * each Java and kept in the shared cache: by a throwaway node, in the background, after everything serves.
 */
import { createHash } from 'node:crypto';
import { chownSync, copyFileSync, existsSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { OPENSEARCH } from './artifact-table.ts';
import { ensureCacheEntry } from './cache-entry.ts';
import { freePort } from './free-port.ts';
import { unprivilegedUser } from './locations.ts';
import { planOpensearch } from './opensearch.ts';
import { makeManagedProcess } from './process.ts';

/** Raised when what shapes the archive changes, such as the JVM's options. */
const ARCHIVE_FORMAT = 1;
const DUMP_WITHIN_MS = 120_000;
const LOWEST_PRIORITY = 19;

interface Request {
  cacheDirectory: string;
  baseDirectory: string;
  java: string;
  runDirectory: string;
  logFile: string;
}

/** Where the archive is, or will be. */
export function archivePath({ cacheDirectory, java }: Pick<Request, 'cacheDirectory' | 'java'>): string {
  return join(cacheDirectory, archiveName(java), 'classes.jsa');
}

/** Makes the archive unless it is there. The signal ends the attempt, which leaves nothing behind. */
export async function ensureArchive(request: Request, signal: AbortSignal): Promise<void> {
  if (existsSync(archivePath(request))) return;
  await ensureCacheEntry(request.cacheDirectory, archiveName(request.java), async (temporary) => {
    signal.throwIfAborted();
    const scratch = mkdtempSync(join(temporary, 'node-'));
    const user = unprivilegedUser();
    if (user) chownSync(scratch, user.uid, user.gid);
    const dump = join(scratch, 'classes.jsa');
    const node = {
      ...request,
      name: 'search-archive',
      dataDirectory: scratch,
      port: await freePort(),
      transportPort: await freePort(),
    };
    const plan = planOpensearch(node, [`-XX:ArchiveClassesAtExit=${dump}`]);
    // It writes the archive while it ends, so ending takes its time.
    const dumper = makeManagedProcess({ ...plan, stopWithinMs: DUMP_WITHIN_MS }, request.runDirectory);
    const cancel = () => void dumper.kill();
    signal.addEventListener('abort', cancel);
    try {
      const started = dumper.start();
      const pid = dumper.pid();
      if (pid !== undefined) setPriority(pid, LOWEST_PRIORITY);
      await started;
      await dumper.stop();
      signal.throwIfAborted();
      copyFileSync(dump, join(temporary, 'classes.jsa'));
    } finally {
      signal.removeEventListener('abort', cancel);
      await dumper.kill();
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

/** Another Java, even of the same version, does not take the archive. */
function archiveName(java: string): string {
  const program = realpathSync(java);
  const identity = [ARCHIVE_FORMAT, OPENSEARCH.sha256, program, statSync(program).mtimeMs];
  return `opensearch-classes-${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)}`;
}

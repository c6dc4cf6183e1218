/**
 * Lets database servers follow the writer that a promotion has elected: one that was away or stood still meanwhile, the
 * old writer above all. One that has diverged is restarted, which builds it anew. Aurora does as much by itself. Until
 * there is a promotion it does nothing.
 */
import { LocalFailure } from './failure.ts';
import { Diverged, followWriter, withAdmin } from './mariadb-replication.ts';
import { type DatabasePart, portOf } from './ports.ts';
import type { ManagedProcess } from './process.ts';
import type { Secrets } from './secrets.ts';
import { electedIn } from './standing.ts';

const everyMs = 1_000;
const followWithinMs = 5_000;
/** A promotion is under way, and lets the copies follow by itself: the keeper waits for it to be over. */
const patienceRounds = 8;

export interface FollowKeeper {
  /** Ends when what is under way is done. */
  stop(): Promise<void>;
}

export function startFollowKeeper(at: {
  readonly directory: string;
  readonly basePort: number;
  readonly secrets: Secrets;
  readonly databases: readonly DatabasePart[];
  readonly engineOf: (part: DatabasePart) => ManagedProcess | undefined;
  readonly onProgress: (line: string) => void;
}): FollowKeeper {
  const { directory, basePort, secrets, databases, engineOf, onProgress } = at;
  const astray = new Map<DatabasePart, number>();
  let round: Promise<void> = Promise.resolve();
  let isBusy = false;

  const follows = (part: DatabasePart, writerPort: number): Promise<boolean> =>
    withAdmin(portOf(part, basePort), secrets, async (query) => {
      const [status] = await query('SHOW SLAVE STATUS');
      return status?.Master_Port === writerPort && Number(status.Last_IO_Errno) === 0;
    });

  const keep = async (part: DatabasePart, writer: DatabasePart): Promise<void> => {
    const engine = engineOf(part);
    const port = portOf(writer, basePort);
    if (engine?.state() !== 'up' || (await follows(part, port))) {
      astray.delete(part);
      return;
    }
    const rounds = (astray.get(part) ?? 0) + 1;
    astray.set(part, rounds);
    if (rounds < patienceRounds) return;
    const node = { name: part, port: portOf(part, basePort) };
    try {
      await followWriter(node, { port, serves: true }, secrets, followWithinMs);
      onProgress(`${part} follows ${writer}`);
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      await engine.stop();
      await engine.start();
      onProgress(`${part} was built anew and follows ${writer}`);
    }
    astray.delete(part);
  };

  const keepAll = async (): Promise<void> => {
    const writer = electedIn(directory);
    if (writer === undefined) return;
    for (const part of databases) {
      if (part === writer) continue;
      await keep(part, writer).catch((error: unknown) => {
        if (error instanceof LocalFailure) onProgress(error.message);
      });
    }
  };

  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    round = keepAll().finally(() => {
      isBusy = false;
    });
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}

/**
 * The engine's part of a promotion on this machine: MariaDB servers that follow one another, each with all database
 * clusters. On AWS this is Aurora's own work.
 */
import type { DatabaseEngine, Elected } from '../../functions/core/failover/ports.ts';
import { type Clock, type Deadline, remainingMs } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { LocalFailure } from './failure.ts';
import {
  followWriter,
  numberIn,
  openWriter,
  positionOf,
  type Query,
  withAdmin,
} from './mariadb-replication.ts';
import { DATABASE_NAMES, type DatabasePart } from './ports.ts';
import type { Secrets } from './secrets.ts';
import { noteWriter, writerIn } from './standing.ts';

export interface MariadbEngineOptions {
  /** Of the copy: where the elected writer is noted for its next start. */
  readonly directory: string;
  readonly portOf: (part: DatabasePart) => number;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

const followWithinMs = 5_000;
const catchUpWithinMs = 10_000;

export function makeMariadbEngine(options: MariadbEngineOptions): DatabaseEngine {
  const { directory, portOf, secrets, clock } = options;
  /** Of all clusters at once: they live in the same servers. */
  let electing: Promise<Elected> | undefined;
  let following: Promise<readonly string[]> | undefined;

  const ask = async <T>(part: DatabasePart, deadline: Deadline, work: (query: Query) => Promise<T>) => {
    const late = clock.sleep(remainingMs(clock, deadline)).then(() => {
      throw new DependencyUnavailable(part, new Error('the deadline has passed'));
    });
    const asked = withAdmin(portOf(part), secrets, work).catch((error: unknown) => {
      throw error instanceof LocalFailure ? error : new DependencyUnavailable(part, error);
    });
    late.catch(() => {});
    asked.catch(() => {});
    return Promise.race([asked, late]);
  };

  const orUndefined = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);

  /** Lets nothing more come, and applies what has come. @returns how far it is; infinitely if it writes already */
  const stopFollowing = (part: DatabasePart, target: string | null, deadline: Deadline): Promise<number> =>
    ask(part, deadline, async (query) => {
      const [state] = await query('SELECT @@read_only AS isClosed');
      if (state?.isClosed === 0) return Number.POSITIVE_INFINITY;
      if (target === null) await query('STOP SLAVE IO_THREAD');
      const [status] = await query('SHOW SLAVE STATUS');
      const upTo = target ?? String(status?.Gtid_IO_Pos ?? '');
      if (upTo !== '' && status !== undefined) {
        await query(target === null ? 'START SLAVE SQL_THREAD' : 'START SLAVE');
        const [waited] = await query(`SELECT MASTER_GTID_WAIT('${upTo}', ${catchUpWithinMs / 1000}) AS late`);
        if (waited?.late !== 0) throw new LocalFailure(`${part} did not catch up.`);
      }
      await query('STOP SLAVE');
      const [at] = await query('SELECT @@gtid_slave_pos AS followed, @@gtid_binlog_pos AS written');
      return Math.max(numberIn(at?.followed), numberIn(at?.written));
    });

  const elect = async (to: CentreName, how: 'planned' | 'forced', deadline: Deadline): Promise<Elected> => {
    const candidates: readonly DatabasePart[] = DATABASE_NAMES[to];
    const old = writerIn(directory);
    let target: string | null = null;
    if (!candidates.includes(old)) {
      // It refuses already by its epoch's row; this makes sure that it writes nothing of its own accord, too.
      const closed = await orUndefined(
        ask(old, { atMonotonicMs: Math.min(deadline.atMonotonicMs, clock.monotonicMs() + 1_000) }, (query) =>
          query('SET GLOBAL read_only = 1'),
        ),
      );
      if (how === 'planned') {
        if (closed === undefined)
          throw new DependencyUnavailable(old, new Error('it was closed, and is gone'));
        target = await positionOf(portOf(old), secrets);
      }
    }
    const standings = await Promise.all(
      candidates.map(async (part) => ({
        part,
        at: await orUndefined(stopFollowing(part, target, deadline)),
      })),
    );
    const [best] = standings
      .flatMap(({ part, at }) => (at === undefined ? [] : [{ part, at }]))
      .sort((one, other) => other.at - one.at);
    if (!best) throw new DependencyUnavailable(`databases of ${to}`, new Error('no server can be promoted'));
    noteWriter(directory, best.part);
    await openWriter(portOf(best.part), secrets);
    return { server: best.part, isNew: !candidates.includes(old) };
  };

  const followAll = async (): Promise<readonly string[]> => {
    const writer = writerIn(directory);
    const others = centreNames
      .flatMap((centre): readonly DatabasePart[] => DATABASE_NAMES[centre])
      .filter((part) => part !== writer);
    const left = await Promise.all(
      others.map(async (part) => {
        const at = { port: portOf(writer), serves: true };
        const node = { name: part, port: portOf(part) };
        const done = followWriter(node, at, secrets, followWithinMs).then(() => undefined);
        return done.catch((error: unknown) => `${part} (${(error as Error).message})`);
      }),
    );
    return left.filter((one) => one !== undefined);
  };

  return {
    async faults(_, to, deadline) {
      const candidates: readonly DatabasePart[] = DATABASE_NAMES[to];
      const answers = await Promise.all(
        candidates.map((part) => orUndefined(ask(part, deadline, (query) => query('SELECT 1')))),
      );
      return answers.some(Boolean) ? [] : [`no database server of ${to} answers (${candidates.join(', ')})`];
    },

    async promote(_, to, how, deadline) {
      electing ??= elect(to, how, deadline);
      try {
        return await electing;
      } catch (error) {
        electing = undefined;
        throw error instanceof DependencyUnavailable
          ? error
          : new DependencyUnavailable(`databases of ${to}`, error);
      }
    },

    async follow() {
      following ??= followAll();
      return following;
    },
  };
}

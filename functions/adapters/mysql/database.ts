/**
 * The way to one MySQL server: a bounded pool that connects when it is first used, and several statements a round
 * trip. Every method of the adapters is one `run`, so that it costs one round trip and so that a process that dies in
 * the middle leaves a transaction that the server rolls back.
 *
 * Statements go as text (`query`), never prepared: prepared statements would pin connections behind a proxy.
 */
import { readFileSync } from 'node:fs';
import type { Connection, Pool, PoolConnection } from 'mysql2/promise';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { whenLate } from '../system/when-late.ts';

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The authorities' certificates (PEM) that the server is to be known by. With it, connections are encrypted. */
  readonly authoritiesFile?: string | undefined;
}

/** One statement. Each `?` is replaced by the escaped value beside it; an array becomes a list for `IN (?)`. */
export interface Statement {
  readonly sql: string;
  readonly values?: readonly unknown[];
}

/** Numbers (BIGINT too), texts and null; times come as texts. */
export type Row = Readonly<Record<string, unknown>>;

/** What one statement did. `rows` is empty unless it was a SELECT. */
export interface StatementResult {
  readonly rows: readonly Row[];
  /** Rows that an UPDATE or DELETE matched, whether or not it changed them. */
  readonly affectedRows: number;
  readonly insertId: number;
}

export interface Database {
  /** For errors and telemetry: `database c0`. */
  readonly name: string;
  /**
   * Sends the statements together and answers with one result for each. The server stops at the first that fails;
   * an open transaction has then been rolled back before this throws. What follows a COMMIT must be plain reads.
   * @throws StatementRefused when nothing was committed, for a reason that a caller may expect
   * @throws DependencyUnavailable otherwise: the outcome is not known
   */
  run(statements: readonly Statement[], deadline: Deadline): Promise<readonly StatementResult[]>;
  end(): Promise<void>;
}

/** The servers of one database cluster, as this process reaches them. */
export interface ClusterDatabases {
  readonly writer: Database;
  /** By the replica's name. */
  readonly replicas: Readonly<Record<string, Database>>;
}

/** By the database cluster's name. */
export type DatabaseClusters = Readonly<Record<string, ClusterDatabases>>;

/** The refusals that callers act upon. None of them can come from a plain read, so none can come after a COMMIT. */
const refusals = {
  1062: 'duplicate',
  1205: 'lock-timeout',
  1213: 'deadlock',
  1290: 'read-only',
  1690: 'guard',
  1792: 'read-only',
  1836: 'read-only',
} as const;

export type Refusal = (typeof refusals)[keyof typeof refusals];

/** The server refused a statement and nothing was committed. `guard`: a guard of the transaction did not hold. */
export class StatementRefused extends Error {
  readonly code = 'statement-refused';
  readonly refusal: Refusal;

  constructor(database: string, refusal: Refusal, cause: unknown) {
    super(`${database} refused a statement: ${refusal}`, { cause });
    this.refusal = refusal;
  }
}

/**
 * READ COMMITTED takes the fewest gap locks. The fixed `sql_mode` has no NO_BACKSLASH_ESCAPES, which the escaping of
 * values relies on.
 */
const sessionSql = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  "SET SESSION time_zone = '+00:00'",
].join(';');

export interface DatabaseOptions {
  readonly name: string;
  readonly address: DatabaseAddress;
  readonly connectionsMax: number;
  /** Calls that may wait for a connection; more fail at once. @default 16 for each connection */
  readonly waitingMax?: number;
  /** @default 2000 */
  readonly connectTimeoutMs?: number;
  readonly clock: Clock;
}

export function makeDatabase(options: DatabaseOptions): Database {
  const { name, clock } = options;
  let opening: Promise<Pool> | undefined;

  async function run(
    statements: readonly Statement[],
    deadline: Deadline,
  ): Promise<readonly StatementResult[]> {
    const leftMs = remainingMs(clock, deadline);
    if (leftMs === 0) throw new DependencyUnavailable(name, new Error('the deadline had passed'));
    opening ??= openPool(options);
    const pool = await opening;

    let connection: PoolConnection | undefined;
    let cancel = (): void => {};
    let late = false;
    const deadlinePassed = new Promise<never>((_, reject) => {
      cancel = whenLate(leftMs, () => {
        late = true;
        connection?.destroy();
        reject(new DependencyUnavailable(name, new Error('the deadline passed')));
      });
    });
    const work = async () => {
      connection = await pool.getConnection();
      if (late) {
        connection.release();
        return [];
      }
      return await runOn(connection, name, statements);
    };
    try {
      return await Promise.race([work(), deadlinePassed]);
    } catch (error) {
      if (error instanceof StatementRefused || error instanceof DependencyUnavailable) throw error;
      throw new DependencyUnavailable(name, error);
    } finally {
      cancel();
    }
  }

  return {
    name,
    run,
    async end() {
      const pool = opening;
      opening = undefined;
      await (await pool)?.end();
    },
  };
}

async function openPool(options: DatabaseOptions): Promise<Pool> {
  // By its default: in a bundle a CommonJS package that is imported when it is needed has no other name.
  const { createPool } = (await import('mysql2/promise')).default;
  const { connectionsMax, waitingMax = connectionsMax * 16, connectTimeoutMs = 2000 } = options;
  const pool = createPool({
    ...connectionOptions(options.address),
    connectTimeout: connectTimeoutMs,
    connectionLimit: connectionsMax,
    queueLimit: waitingMax,
  });
  // The connection carries out commands in order: this one goes before the first query.
  pool.on('connection', (connection) => {
    (connection as unknown as SessionOpener).query(sessionSql, (error) => {
      if (error) (connection as unknown as SessionOpener).destroy();
    });
  });
  return pool;
}

interface SessionOpener {
  query(sql: string, done: (error: unknown) => void): void;
  destroy(): void;
}

/** How every connection of the project talks to MySQL. */
export function connectionOptions(address: DatabaseAddress) {
  return {
    ...(address.authoritiesFile !== undefined && { ssl: knownBy(address.authoritiesFile) }),
    host: address.host,
    port: address.port,
    user: address.user,
    password: address.password,
    multipleStatements: true,
    // A value that is an object by mistake is one text, never a list of assignments.
    stringifyObjects: true,
    supportBigNumbers: true,
    decimalNumbers: true,
    dateStrings: true,
    timezone: 'Z',
    charset: 'utf8mb4',
  } as const;
}

function knownBy(authoritiesFile: string) {
  // Not imported: that would parse every public authority's certificate, for hits of the cache too.
  const { rootCertificates } = process.getBuiltinModule('node:tls');
  // A proxy's certificate is from a public authority, a server's from the region's own.
  const ca = [...rootCertificates, readFileSync(authoritiesFile, 'utf8')];
  return { ca, minVersion: 'TLSv1.2', verifyIdentity: true };
}

async function runOn(
  connection: PoolConnection,
  name: string,
  statements: readonly Statement[],
): Promise<readonly StatementResult[]> {
  try {
    const results = await queryAll(connection, statements);
    connection.release();
    return results;
  } catch (error) {
    await leave(connection, error);
    const refusal = refusalOf(error);
    throw refusal ? new StatementRefused(name, refusal, error) : error;
  }
}

/** Sends statements on a connection as one query. */
export async function queryAll(
  connection: Pick<Connection, 'query' | 'format'>,
  statements: readonly Statement[],
): Promise<readonly StatementResult[]> {
  const sql = statements.map((each) => connection.format(each.sql, [...(each.values ?? [])])).join(';\n');
  const [answer] = await connection.query(sql);
  return (statements.length === 1 ? [answer] : (answer as readonly unknown[])).map(toResult);
}

function toResult(answer: unknown): StatementResult {
  if (Array.isArray(answer)) return { rows: answer as Row[], affectedRows: 0, insertId: 0 };
  const { affectedRows, insertId } = answer as { affectedRows: number; insertId: number };
  return { rows: [], affectedRows, insertId };
}

/** A connection goes back to the pool only if the server answered and its transaction is known to be over. */
async function leave(connection: PoolConnection, error: unknown): Promise<void> {
  if (errnoOf(error) === undefined) {
    connection.destroy();
    return;
  }
  try {
    await connection.query('ROLLBACK');
    connection.release();
  } catch {
    connection.destroy();
  }
}

/** The server's error number; undefined when the error is not the server's answer to a statement. */
function errnoOf(error: unknown): number | undefined {
  const { errno, sqlState, fatal } = error as { errno?: unknown; sqlState?: unknown; fatal?: unknown };
  return typeof errno === 'number' && typeof sqlState === 'string' && fatal !== true ? errno : undefined;
}

function refusalOf(error: unknown): Refusal | undefined {
  const errno = errnoOf(error);
  return errno === undefined ? undefined : refusals[errno as keyof typeof refusals];
}

import type { RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { LocalFailure } from './failure.ts';
import { pollUntil } from './polling.ts';
import type { Secrets } from './secrets.ts';

export type Query = (sql: string) => Promise<RowDataPacket[]>;

/** The node holds changes that its writer does not: it cannot follow, and has to be built anew. */
export class Diverged extends LocalFailure {}

const CONNECT_WITHIN_MS = 5_000;

/** One connection as the admin, for as long as the work takes. */
export async function withAdmin<T>(
  port: number,
  secrets: Secrets,
  work: (query: Query) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: secrets.adminUser,
    password: secrets.adminPassword,
    connectTimeout: CONNECT_WITHIN_MS,
    multipleStatements: true,
  });
  // One that hangs is given up where it is waited for.
  connection.on('error', () => {});
  try {
    return await work(async (sql) => (await connection.query<RowDataPacket[]>(sql))[0]);
  } finally {
    connection.destroy();
  }
}

/**
 * Lets users write here, and follows nobody any more. Until then, and after every start, only the admin can write. A
 * writer answers for every commit, whatever it was started as.
 */
export function openWriter(port: number, secrets: Secrets): Promise<void> {
  return withAdmin(port, secrets, async (query) => {
    await query('STOP SLAVE; RESET SLAVE ALL');
    await query('SET GLOBAL innodb_flush_log_at_trx_commit = 1; SET GLOBAL sync_binlog = 1');
    await query('SET GLOBAL read_only = 0');
  });
}

/** The highest number of a position such as `0-1-42`: all nodes are of one domain. */
export const numberIn = (position: unknown): number =>
  Math.max(
    0,
    ...String(position ?? '')
      .split(',')
      .map((one) => Number(one.split('-')[2] ?? 0)),
  );

/**
 * Makes the node follow the writer from where it stands. While the writer serves, the answer comes once both of the
 * node's threads run and it has all that the writer had when this was called; else at once.
 */
export async function followWriter(
  replica: { name: string; port: number },
  writer: { port: number; serves: boolean },
  secrets: Secrets,
  withinMs: number,
): Promise<void> {
  const target = writer.serves ? await positionOf(writer.port, secrets) : undefined;
  await withAdmin(replica.port, secrets, async (query) => {
    await query('SET GLOBAL read_only = 1');
    await query('STOP SLAVE');
    // A node that wrote, or is a copy of one that did, has more than it ever got as a follower.
    const [at] = await query('SELECT @@gtid_slave_pos AS followed, @@gtid_binlog_pos AS written');
    if (numberIn(at?.written) > numberIn(at?.followed))
      await query('SET GLOBAL gtid_slave_pos = @@gtid_binlog_pos');
    await query(
      `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${writer.port}, ` +
        `MASTER_USER = '${secrets.replicationUser}', MASTER_PASSWORD = '${secrets.replicationPassword}', ` +
        'MASTER_USE_GTID = slave_pos, MASTER_SSL = 0, MASTER_CONNECT_RETRY = 1',
    );
    await query('START SLAVE');
    if (target === undefined) return;
    await waitForThreads(replica.name, query, withinMs);
    const [row] = await query(`SELECT MASTER_GTID_WAIT('${target}', ${withinMs / 1000}) AS late`);
    if (row?.late !== 0) await waitForThreads(replica.name, query, 0);
    if (row?.late !== 0) throw new LocalFailure(`${replica.name} did not catch up with its writer in time.`);
  });
}

export function positionOf(port: number, secrets: Secrets): Promise<string> {
  return withAdmin(port, secrets, async (query) => {
    const [row] = await query('SELECT @@gtid_binlog_pos AS position');
    return String(row?.position ?? '');
  });
}

/** What the one that asks for a place which the writer does not have is told. */
const UNKNOWN_PLACE = 1236;

/** Both must run: the one that reads from the writer may sit in "Connecting" while the other says Yes. */
async function waitForThreads(name: string, query: Query, withinMs: number): Promise<void> {
  let status: RowDataPacket | undefined;
  const hasDiverged = (): boolean => Number(status?.Last_IO_Errno) === UNKNOWN_PLACE;
  const run = async () => {
    [status] = await query('SHOW SLAVE STATUS');
    if (hasDiverged()) return true;
    return status?.Slave_IO_Running === 'Yes' && status.Slave_SQL_Running === 'Yes';
  };
  const isSettled = await pollUntil(run, { deadlineMs: withinMs, everyMs: 20 });
  if (hasDiverged()) throw new Diverged(`${name} has what its writer has not: ${status?.Last_IO_Error}`);
  if (isSettled) return;
  const reason = status?.Last_IO_Error || status?.Last_SQL_Error || status?.Slave_IO_Running;
  throw new LocalFailure(`${name} does not follow its writer: ${reason}`);
}

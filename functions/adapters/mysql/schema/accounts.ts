/** The accounts of the service on a server, and finding the server that may be changed. */
import { connectionOptions, type DatabaseAddress } from '../database.ts';
import { grantService } from './service-grants.ts';

/** Waits no longer for a server that is gone. */
const connectTimeoutMs = 5_000;

interface Sender {
  query(sql: string, values?: readonly string[]): Promise<unknown>;
}

async function withConnection<T>(address: DatabaseAddress, work: (send: Sender) => Promise<T>): Promise<T> {
  const { createConnection } = (await import('mysql2/promise')).default;
  const connection = await createConnection({
    ...connectionOptions(address),
    connectTimeout: connectTimeoutMs,
  });
  try {
    return await work({ query: async (sql, values = []) => (await connection.query(sql, [...values]))[0] });
  } finally {
    await connection.end().catch(() => connection.destroy());
  }
}

/**
 * The one of a cluster's servers that takes writes; null when all of them follow another. Every server that comes before
 * it must answer: silence says nothing.
 */
export async function findWriter(servers: readonly DatabaseAddress[]): Promise<DatabaseAddress | null> {
  for (const server of servers) {
    const rows = await withConnection(server, ({ query }) =>
      query('SELECT @@innodb_read_only OR @@read_only AS follows'),
    );
    if ((rows as { follows: number }[])[0]?.follows === 0) return server;
  }
  return null;
}

export interface ServiceAccount {
  readonly username: string;
  readonly password: string;
}

/**
 * Makes the account what it is to be: password and exactly the service's grants. Repeatable; connections that stand are not
 * touched.
 */
export async function ensureAccount(
  admin: DatabaseAddress,
  { username, password }: ServiceAccount,
): Promise<void> {
  await withConnection(admin, async ({ query }) => {
    const at = '%';
    const grants = grantService(username, at);
    await query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [username, at, password]);
    await query('ALTER USER ?@? IDENTIFIED BY ?', [username, at, password]);
    for (const grant of grants) await query(grant);
  });
}

/** Of whoever asks, by the account that the server knows it as. */
export async function changeOwnPassword(admin: DatabaseAddress, password: string): Promise<void> {
  await withConnection(admin, async ({ query }) => {
    const [row] = (await query('SELECT CURRENT_USER() AS account')) as { account: string }[];
    const [, name = '', host = ''] = /^(.*)@([^@]*)$/.exec(row?.account ?? '') ?? [];
    await query('ALTER USER ?@? IDENTIFIED BY ?', [name, host, password]);
  });
}

/** @throws when the server does not let it in */
export const tryAccount = (server: DatabaseAddress): Promise<void> =>
  withConnection(server, async ({ query }) => {
    await query('SELECT 1');
  });

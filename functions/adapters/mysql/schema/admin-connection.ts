/** Connections of whoever changes the schema: few, unpooled, and only one run at a time. */
import type { Connection } from 'mysql2/promise';
import { connectionOptions, type DatabaseAddress, queryAll, type Row, type Statement } from '../database.ts';
import { alreadyDone } from './migrations.ts';

const lockName = 'membership-schema';

export class SchemaFailed extends Error {
  readonly code = 'schema-failed';
}

export interface SchemaConnection {
  rows(sql: string): Promise<readonly Row[]>;
  /** In one round trip; statement by statement if some of them were done before by a run that was killed. */
  apply(statements: readonly Statement[]): Promise<void>;
}

/** Calls `work` with `count` connections while no other run changes the schema of this server. */
export async function withSchemaConnections<T>(
  address: DatabaseAddress,
  count: number,
  work: (connections: readonly [SchemaConnection, ...SchemaConnection[]]) => Promise<T>,
): Promise<T> {
  // By its default: in a bundle a CommonJS package that is imported when it is needed has no other name.
  const { createConnection } = (await import('mysql2/promise')).default;
  const opened: Connection[] = [];
  const open = async () => {
    const connection = await createConnection({
      ...connectionOptions(address),
      connectTimeout: 5000,
    });
    opened.push(connection);
    return connection;
  };
  try {
    const first = await open().catch((cause: unknown) => {
      throw new SchemaFailed(
        `could not connect to MySQL at ${address.host}:${address.port} as ${address.user}`,
        {
          cause,
        },
      );
    });
    const [lock] = await queryAll(first, [{ sql: 'SELECT GET_LOCK(?, 0) AS held', values: [lockName] }]);
    if (lock?.rows[0]?.held !== 1)
      throw new SchemaFailed('another run is changing the schema of this server');
    const others = await Promise.all(Array.from({ length: count - 1 }, open));
    return await work([schemaConnection(first), ...others.map(schemaConnection)]);
  } finally {
    const [locked, ...others] = opened;
    await Promise.allSettled(others.map((connection) => connection.end()));
    // The server would free it a moment after the connection ends: too late for a run that follows at once.
    await locked?.query('DO RELEASE_LOCK(?)', [lockName]).catch(() => {});
    await locked?.end().catch(() => {});
  }
}

function schemaConnection(connection: Connection): SchemaConnection {
  return {
    async rows(sql) {
      const [result] = await queryAll(connection, [{ sql }]);
      return result?.rows ?? [];
    },
    async apply(statements) {
      try {
        await queryAll(connection, statements);
      } catch (error) {
        if (!isAlreadyDone(error)) throw failed(error);
        for (const statement of statements) {
          await queryAll(connection, [statement]).catch((again: unknown) => {
            if (!isAlreadyDone(again)) throw failed(again);
          });
        }
      }
    },
  };
}

const isAlreadyDone = (error: unknown): boolean =>
  alreadyDone.has(Number((error as { errno?: unknown }).errno));

function failed(cause: unknown): SchemaFailed {
  return new SchemaFailed(`MySQL refused a schema change: ${(cause as Error).message}`, { cause });
}

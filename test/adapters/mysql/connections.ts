import { type Connection, createConnection } from 'mysql2/promise';
import {
  connectionOptions,
  type Database,
  type DatabaseAddress,
  makeDatabase,
  queryAll,
  type Row,
  type Statement,
} from '../../../functions/adapters/mysql/database.ts';
import { engineAddress } from '../../engines.ts';
import { wallClock } from '../wall-clock.ts';

export function addressOf(part: string): DatabaseAddress {
  const { hostname, port, username, password } = new URL(engineAddress(part));
  return {
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/** The adapters' way to a part of the test engines. */
export const databaseOf = (part: string): Database =>
  makeDatabase({ name: part, address: addressOf(part), connectionsMax: 10, clock: wallClock });

/** One connection that a test drives by hand, statement by statement. */
export async function openHand(part: string) {
  const connection: Connection = await createConnection(connectionOptions(addressOf(part)));
  const run = async (...statements: readonly Statement[]) => queryAll(connection, statements);
  const sql = async (text: string, ...values: readonly unknown[]): Promise<readonly Row[]> =>
    (await run({ sql: text, values }))[0]?.rows ?? [];
  await sql('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');

  return {
    run,
    sql,
    /** Resolves when the server is carrying out another connection's statement that begins so. */
    async untilRunning(beginning: string): Promise<void> {
      const endsMs = performance.now() + 10_000;
      for (;;) {
        const [running] = await sql(
          'SELECT COUNT(*) AS found FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND info LIKE ?',
          `${beginning}%`,
        );
        if (Number(running?.found) > 0) return;
        if (performance.now() > endsMs) throw new Error(`nothing runs that begins with ${beginning}`);
      }
    },
    end: () => connection.end(),
  };
}

export type Hand = Awaited<ReturnType<typeof openHand>>;

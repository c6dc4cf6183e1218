import { type Connection, createConnection } from 'mysql2/promise';
import { connectionOptions } from '../../../functions/adapters/mysql/database.ts';
import { addressOf } from './connections.ts';

/** A connection of the test's own, to hold locks with. `mysql-a-admin` sees the statements of everybody. */
export const connect = (part: 'mysql-a' | 'mysql-a-admin'): Promise<Connection> =>
  createConnection(connectionOptions(addressOf(part)));

/** Resolves with the connection's id once a statement that contains all of `parts` is being carried out. */
export async function untilCarriedOut(admin: Connection, ...parts: string[]): Promise<number> {
  for (let look = 0; look < 5_000; look++) {
    const [rows] = await admin.query(
      "SELECT id, info FROM information_schema.processlist WHERE command = 'Query' AND info IS NOT NULL",
    );
    const found = (rows as { id: number; info: string }[]).find(
      ({ info }) => !info.includes('information_schema') && parts.every((part) => info.includes(part)),
    );
    if (found) return found.id;
  }
  throw new Error(`no statement with ${parts.join(', ')} is being carried out`);
}

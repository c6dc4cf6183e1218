import { join } from 'node:path';
import { writeFileAtomically } from './files.ts';
import type { Secrets } from './secrets.ts';

/** All that the service does to rows. No schema changes, and nothing that would write through `read_only`. */
const SERVICE_PRIVILEGES = 'SELECT, INSERT, UPDATE, DELETE, EXECUTE';
const OWNER_ONLY = 0o600;

/**
 * Writes the SQL that a node runs by itself at each start, before it listens: the accounts and their passwords.
 * It is kept from the binary log, so that nodes copied from one template still are equals in replication.
 * @param databases patterns of database names, as GRANT takes them, that the service's user works in
 */
export function writeAccountsFile(dataDirectory: string, secrets: Secrets, databases: string[]): string {
  const path = join(dataDirectory, 'accounts.sql');
  const statements = [
    'SET sql_log_bin = 0',
    account(secrets.adminUser, secrets.adminPassword),
    `GRANT ALL PRIVILEGES ON *.* TO ${quoteUser(secrets.adminUser)} WITH GRANT OPTION`,
    account(secrets.replicationUser, secrets.replicationPassword),
    `GRANT REPLICATION SLAVE ON *.* TO ${quoteUser(secrets.replicationUser)}`,
    account(secrets.databaseUser, secrets.databasePassword),
    ...databases.map(
      (pattern) => `GRANT ${SERVICE_PRIVILEGES} ON \`${pattern}\`.* TO ${quoteUser(secrets.databaseUser)}`,
    ),
  ];
  // One statement a line, as --init-file reads it.
  writeFileAtomically(path, `${statements.join(';\n')};\n`, OWNER_ONLY);
  return path;
}

function account(user: string, password: string): string {
  return `CREATE OR REPLACE USER ${quoteUser(user)} IDENTIFIED BY '${password}'`;
}

function quoteUser(user: string): string {
  return `'${user}'@'127.0.0.1'`;
}

/**
 * Data directories prepared once: thousands of empty tables take long to make and little to copy. Each template is
 * kept in the shared cache under a key of all that went into it.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MARIADB } from './artifact-table.ts';
import { ensureCacheEntry } from './cache-entry.ts';
import { LocalFailure } from './failure.ts';
import { freePort } from './free-port.ts';
import { writeAccountsFile } from './mariadb-accounts.ts';
import {
  bootstrapArguments,
  makeTemporaryDirectory,
  STORAGE_OPTIONS,
  serverArguments,
} from './mariadb-options.ts';
import { probe } from './probes.ts';
import { makeManagedProcess } from './process.ts';
import { runCommand } from './run-command.ts';
import { makeSecrets } from './secrets.ts';

/** What a database has to hold before anybody uses it. */
export interface DatabasePreparation {
  /** Changes whenever `apply` would leave something else. */
  fingerprint: string;
  /** Patterns of the database names, as GRANT takes them, that the service's user may work in. */
  databases: string[];
  /** Brings a database, empty or of an earlier fingerprint, to this one. May be repeated. */
  apply: (adminUrl: string) => Promise<void>;
}

/** Kept in a data directory: what it was last prepared for. */
export const FINGERPRINT_FILE = 'schema-fingerprint';

/** Raised when this file makes templates differently. */
const TEMPLATE_FORMAT = 1;
const UNUSED_AFTER_MS = 7 * 86_400_000;
const BOOTSTRAP_WITHIN_MS = 60_000;
const SYSTEM_TABLES = [
  'mariadb_system_tables.sql',
  'mariadb_performance_tables.sql',
  'mariadb_system_tables_data.sql',
];

/** The prepared data directory; to be copied, never to be used itself. */
export async function ensureTemplate(request: {
  cacheDirectory: string;
  /** Names the template and its process. */
  name: string;
  baseDirectory: string;
  preparation: DatabasePreparation;
  runDirectory: string;
  onProgress: (line: string) => void;
}): Promise<string> {
  const { preparation, name, cacheDirectory } = request;
  const parts = [TEMPLATE_FORMAT, MARIADB.sha256, STORAGE_OPTIONS, preparation.fingerprint];
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
  const template = await ensureCacheEntry(cacheDirectory, `templates/${name}-${key}`, async (temporary) => {
    request.onProgress(`preparing the ${name} template (once for each schema)`);
    await makeTemplate(request, temporary);
    sweepUnused(dirname(temporary));
  });
  utimesSync(template, new Date(), new Date());
  return join(template, 'data');
}

async function makeTemplate(request: Parameters<typeof ensureTemplate>[0], temporary: string): Promise<void> {
  const dataDirectory = join(temporary, 'data');
  await bootstrap(request.baseDirectory, dataDirectory);
  const secrets = makeSecrets();
  const accounts = writeAccountsFile(dataDirectory, secrets, []);
  const port = await freePort();
  const node = {
    baseDirectory: request.baseDirectory,
    dataDirectory,
    port,
    serverId: 1,
    role: 'template' as const,
  };
  const server = makeManagedProcess(
    {
      name: `${request.name}-template`,
      command: join(request.baseDirectory, 'bin', 'mariadbd'),
      args: [...serverArguments(node), `--init-file=${accounts}`],
      env: {},
      workingDirectory: dataDirectory,
      logFile: join(dirname(request.runDirectory), 'logs', `${request.name}-template.log`),
      isReady: async () => (await probe(`mysql://127.0.0.1:${port}`)) === 'up',
      readyWithinMs: 60_000,
      stopWithinMs: 60_000,
    },
    request.runDirectory,
  );
  try {
    await server.start();
    request.onProgress(`making the tables of the ${request.name} template`);
    await request.preparation.apply(
      `mysql://${secrets.adminUser}:${secrets.adminPassword}@127.0.0.1:${port}`,
    );
  } finally {
    await server.stop();
  }
  rmSync(accounts);
  writeFileSync(join(dataDirectory, FINGERPRINT_FILE), request.preparation.fingerprint);
  await flush(dataDirectory);
}

/** A data directory with the system tables and without any account. */
async function bootstrap(baseDirectory: string, dataDirectory: string): Promise<void> {
  mkdirSync(join(dataDirectory, 'mysql'), { recursive: true });
  makeTemporaryDirectory(dataDirectory);
  const script = [
    'USE mysql;',
    ...SYSTEM_TABLES.map((file) => readFileSync(join(baseDirectory, 'share', file), 'utf8')),
    "DELETE FROM mysql.global_priv WHERE User IN ('root', '');",
    'DELETE FROM mysql.proxies_priv;',
  ].join('\n');
  const { code, output } = await runCommand(
    join(baseDirectory, 'bin', 'mariadbd'),
    bootstrapArguments(baseDirectory, dataDirectory),
    { withinMs: BOOTSTRAP_WITHIN_MS, input: script, env: {} },
  );
  if (code !== 0) throw new LocalFailure(`MariaDB could not make a data directory:\n${output}`);
}

/** The server was told not to wait for the disk; before anybody relies on the files, this does. */
async function flush(directory: string): Promise<void> {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || statSync(join(entry.parentPath, entry.name)).size < 1024 * 1024) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r+');
    await file.sync();
    await file.close();
  }
}

function sweepUnused(templates: string): void {
  for (const name of readdirSync(templates)) {
    const path = join(templates, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > UNUSED_AFTER_MS && existsSync(path)) rmSync(path, { recursive: true, force: true });
  }
}

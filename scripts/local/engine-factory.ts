/** Makes each part's process, once its programs are there. */
import type { Artifacts } from './artifacts.ts';
import { dataDirectoryOf, logFileOf } from './data.ts';
import { bringUpToDate, ensureJournalData, ensureWriterData } from './database-data.ts';
import { makeMariadb } from './mariadb.ts';
import { followWriter, openWriter } from './mariadb-replication.ts';
import type { DatabasePreparation } from './mariadb-template.ts';
import { makeMinistack } from './ministack.ts';
import { makeOpensearch } from './opensearch.ts';
import { archivePath } from './opensearch-archive.ts';
import { PARTS, type PartName, portOf, TRANSPORT_OFFSET } from './ports.ts';
import type { ManagedProcess } from './process.ts';
import { makeRedis } from './redis.ts';
import type { Secrets } from './secrets.ts';

const CATCH_UP_WITHIN_MS = 60_000;

/** The number that a node signs its changes with: never the same for two that follow each other. */
const SERVER_IDS: Partial<Record<PartName, number>> = {
  'mysql-a': 1,
  'mysql-b-0': 11,
  'mysql-b-1': 12,
  'mysql-b-2': 13,
  'journal-a': 21,
  'journal-b': 22,
};

export interface EngineContext {
  directory: string;
  cacheDirectory: string;
  runDirectory: string;
  basePort: number;
  /** The parts to be started, of which the one asked for is one. */
  parts: PartName[];
  java: string;
  artifacts: Artifacts;
  secrets: Secrets;
  prepareWriter: DatabasePreparation;
  prepareJournal: DatabasePreparation;
  onProgress: (line: string) => void;
  /** Waits while the writer starts for the first time, then tells whether it serves. */
  writerServes: () => Promise<boolean>;
}

export function adminUrlOf(part: PartName, basePort: number, secrets: Secrets): string {
  return `mysql://${secrets.adminUser}:${secrets.adminPassword}@127.0.0.1:${portOf(part, basePort)}`;
}

/**
 * One function for each part. The databases share what has to be done before any of them starts, which is why they
 * are made together.
 */
export function makeEngineFactory(context: EngineContext): (part: PartName) => Promise<ManagedProcess> {
  const once = <T>(work: () => Promise<T>) => {
    let result: Promise<T> | undefined;
    return () => (result ??= work());
  };
  const dataRequest = async () => ({ ...context, baseDirectory: await context.artifacts.mariadb });
  const writerData = once(async () =>
    ensureWriterData(context.parts, context.prepareWriter, await dataRequest()),
  );
  const journalData = once(async () =>
    ensureJournalData(context.parts, context.prepareJournal, await dataRequest()),
  );

  return async (part) => {
    const common = {
      name: part,
      port: portOf(part, context.basePort),
      dataDirectory: dataDirectoryOf(context.directory, part),
      logFile: logFileOf(context.directory, part),
      runDirectory: context.runDirectory,
    };
    switch (PARTS[part].kind) {
      case 'redis':
        return makeRedis({ ...common, program: await context.artifacts.redis });
      case 'ministack':
        return makeMinistack({ ...common, python: await context.artifacts.ministack });
      case 'opensearch':
        return makeOpensearch({
          ...common,
          baseDirectory: await context.artifacts.opensearch,
          java: context.java,
          transportPort: common.port + TRANSPORT_OFFSET,
          archive: archivePath(context),
        });
      case 'mariadb':
        await (part.startsWith('journal-') ? journalData() : writerData());
        return makeDatabase(part, common, context);
    }
  };
}

async function makeDatabase(
  part: PartName,
  common: { name: string; port: number; dataDirectory: string; logFile: string; runDirectory: string },
  context: EngineContext,
): Promise<ManagedProcess> {
  const { secrets, basePort } = context;
  const { port, dataDirectory } = common;
  const isJournal = part.startsWith('journal-');
  const preparation = isJournal ? context.prepareJournal : context.prepareWriter;
  const open = async () => {
    await openWriter(port, secrets);
    await bringUpToDate(dataDirectory, preparation, adminUrlOf(part, basePort, secrets));
  };
  const follow = async () => {
    const writer = { port: portOf('mysql-a', basePort), serves: await context.writerServes() };
    await followWriter({ name: part, port }, writer, secrets, CATCH_UP_WITHIN_MS);
  };
  return makeMariadb({
    ...common,
    baseDirectory: await context.artifacts.mariadb,
    serverId: SERVER_IDS[part] ?? 0,
    role: isJournal ? 'journal' : part === 'mysql-a' ? 'writer' : 'replica',
    secrets,
    databases: preparation.databases,
    settle: isJournal || part === 'mysql-a' ? open : follow,
  });
}

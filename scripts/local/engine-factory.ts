/** Makes each part's process, once its programs are there. */
import type { Artifacts } from './artifacts.ts';
import { dataDirectoryOf, logFileOf } from './data.ts';
import { bringUpToDate, ensureJournalData, ensureWriterData } from './database-data.ts';
import { messageOf } from './failure.ts';
import { makeMariadb } from './mariadb.ts';
import { Diverged, followWriter, openWriter } from './mariadb-replication.ts';
import type { DatabasePreparation } from './mariadb-template.ts';
import { makeMinistack } from './ministack.ts';
import { makeOpensearch } from './opensearch.ts';
import { archivePath } from './opensearch-archive.ts';
import { type DatabasePart, PARTS, type PartName, portOf, TRANSPORT_OFFSET } from './ports.ts';
import type { ManagedProcess } from './process.ts';
import { makeRedis } from './redis.ts';
import type { Secrets } from './secrets.ts';
import { writerIn } from './standing.ts';

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
  /** The last that this server's own data is asked for. */
  beforeRebuild: (part: DatabasePart) => Promise<void>;
  /** Copies the data of another server, which does not serve meanwhile, in place of this one's. */
  rebuild: (part: DatabasePart) => Promise<void>;
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
    ensureWriterData(context.parts, writerIn(context.directory), context.prepareWriter, await dataRequest()),
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
  const { secrets, basePort, directory } = context;
  const { port, dataDirectory } = common;
  let hasDiverged = false;
  const isJournal = part.startsWith('journal-');
  const preparation = isJournal ? context.prepareJournal : context.prepareWriter;
  const open = async () => {
    await openWriter(port, secrets);
    await bringUpToDate(dataDirectory, preparation, adminUrlOf(part, basePort, secrets));
  };
  const follow = async () => {
    const writer = { port: portOf(writerIn(directory), basePort), serves: await context.writerServes() };
    try {
      await followWriter({ name: part, port }, writer, secrets, CATCH_UP_WITHIN_MS);
    } catch (error) {
      hasDiverged = error instanceof Diverged;
      throw error;
    }
  };
  const isWriter = (): boolean => part === writerIn(directory);
  const server = makeMariadb({
    ...common,
    baseDirectory: await context.artifacts.mariadb,
    serverId: SERVER_IDS[part] ?? 0,
    role: isJournal ? 'journal' : isWriter() ? 'writer' : 'replica',
    secrets,
    databases: preparation.databases,
    // A promotion may have been since it last ran.
    settle: async () => (isJournal || isWriter() ? open() : follow()),
  });
  if (isJournal) return server;
  return {
    ...server,
    async start() {
      hasDiverged = false;
      try {
        await server.start();
      } catch (error) {
        if (!hasDiverged) throw error;
        context.onProgress(`${part} has what its writer has not: it is built anew`);
        // Its data is put aside, and not deleted, whatever becomes of this.
        await context
          .beforeRebuild(part as DatabasePart)
          .catch((error: unknown) =>
            context.onProgress(`${part} could not be read before: ${messageOf(error)}`),
          );
        await server.stop();
        await context.rebuild(part as DatabasePart);
        await server.start();
      }
    },
  };
}

/**
 * The real engines of one copy, or some of them: started all at once, each ready to use, and ended for certain.
 * Whatever this process started ends with it, however it ends.
 */
import { fetchArtifacts } from './artifacts.ts';
import { logFileOf } from './data.ts';
import { claimDirectory } from './directory-owner.ts';
import { givenEndpoints, localEndpoint } from './endpoints.ts';
import { adminUrlOf, makeEngineFactory } from './engine-factory.ts';
import { LocalFailure, messageOf } from './failure.ts';
import { type FollowKeeper, startFollowKeeper } from './follow-keeper.ts';
import { demandFreePorts } from './free-port.ts';
import { startGuardian } from './guardian.ts';
import { cacheDirectory as cacheDirectoryOf } from './locations.ts';
import type { DatabasePreparation } from './mariadb-template.ts';
import { ensureArchive } from './opensearch-archive.ts';
import {
  type DatabasePart,
  FIRST_WRITER,
  isDatabase,
  PART_NAMES,
  PARTS,
  type PartName,
  portsOf,
} from './ports.ts';
import { findPrerequisites } from './prerequisites.ts';
import type { ManagedProcess, ProcessState } from './process.ts';
import { endRecordedProcesses, runDirectoryOf } from './process-records.ts';
import { makeRebuild } from './rebuild.ts';
import { ensureSecrets, type Secrets } from './secrets.ts';
import { writerIn } from './standing.ts';

export type { DatabasePreparation } from './mariadb-template.ts';
export type { PartName } from './ports.ts';

export interface EnginesRequest {
  /** Where data, logs and passwords of this copy are kept. One running copy a directory. */
  directory: string;
  basePort: number;
  /** All of them without it. A replica needs `mysql-a`. */
  parts?: PartName[];
  /** What the writer holds before it opens, and its replicas with it. */
  prepareWriter?: DatabasePreparation;
  prepareJournal?: DatabasePreparation;
  /** Before a database server that has what its writer has not is built anew: the last time its data is there. */
  beforeRebuild?: (part: DatabasePart, adminUrl: string) => Promise<void>;
  onProgress?: (line: string) => void;
  environment?: NodeJS.ProcessEnv;
}

/** `given`: its address came with the environment, and nothing here starts or stops it. */
type PartState = ProcessState | 'given';

interface PartStatus {
  name: PartName;
  state: PartState;
  address: string;
}

/** One engine, for drills. What is said of it at `ManagedProcess` holds. */
type Engine = Pick<ManagedProcess, 'kill' | 'stall' | 'resume' | 'stop' | 'start'>;

export interface Engines {
  /** The address of each part that was asked for. Without credentials, unless the environment gave some. */
  readonly endpoints: Record<PartName, string>;
  /** As of now. */
  readonly parts: PartStatus[];
  readonly secrets: Secrets;
  /** A database's address for someone who may do everything there: schema changes, damage on purpose. */
  adminUrl(part: PartName): string;
  engine(part: PartName): Engine;
  /** Ends all of them; what they kept stays. */
  stop(): Promise<void>;
}

const NOTHING_TO_PREPARE: DatabasePreparation = { fingerprint: 'none', databases: [], apply: async () => {} };

/** Starts the engines and answers once all of them serve. When one cannot, all are ended and the reasons thrown. */
export async function startEngines(request: EnginesRequest): Promise<Engines> {
  const { directory, basePort, environment = process.env, onProgress = () => {} } = request;
  const wanted = request.parts ?? PART_NAMES;
  const given = givenEndpoints(environment);
  const started = wanted.filter((part) => given[part] === undefined);
  const writer = writerIn(directory);
  const databases = started.filter(isDatabase);
  if (databases.length > 0 && !databases.includes(writer)) {
    throw new LocalFailure(
      `${databases.join(', ')}: they follow ${writer}, which is not among the parts to be started.`,
    );
  }
  const kinds = new Set(started.map((part) => PARTS[part].kind));
  const prerequisites = await findPrerequisites(kinds, environment);
  const cacheDirectory = cacheDirectoryOf(environment);
  const runDirectory = runDirectoryOf(directory);
  const release = claimDirectory(directory);
  const guardian = startGuardian(runDirectory);
  const processes = new Map<PartName, ManagedProcess>();
  const background = new AbortController();
  let archiving: Promise<void> = Promise.resolve();
  let keeper: FollowKeeper | undefined;

  async function stop(): Promise<void> {
    background.abort();
    await keeper?.stop();
    const endings = [...processes.values()].map((engine) => engine.stop());
    const faults = (await Promise.allSettled([...endings, archiving])).flatMap((ending) =>
      ending.status === 'rejected' ? [messageOf(ending.reason)] : [],
    );
    guardian.dismiss();
    release();
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }

  try {
    await endRecordedProcesses(runDirectory);
    await demandFreePorts(started.flatMap((name) => portsOf(name, basePort).map((port) => ({ name, port }))));
    const secrets = ensureSecrets(directory);
    const prepareWriter = request.prepareWriter ?? NOTHING_TO_PREPARE;
    const prepareJournal = request.prepareJournal ?? NOTHING_TO_PREPARE;
    const artifacts = fetchArtifacts({ kinds, cacheDirectory, prerequisites, onProgress });
    const starts = new Map<PartName, Promise<void>>();
    const makeEngine = makeEngineFactory({
      ...{ directory, cacheDirectory, runDirectory, basePort, parts: started, java: prerequisites.java },
      ...{ artifacts, secrets, prepareWriter, prepareJournal, onProgress },
      writerServes: async () => {
        await starts.get(writerIn(directory));
        return processes.get(writerIn(directory))?.state() === 'up';
      },
      beforeRebuild: async (part) => request.beforeRebuild?.(part, adminUrlOf(part, basePort, secrets)),
      rebuild: makeRebuild({ directory, databases, engineOf: (part) => processes.get(part) }),
    });
    for (const part of started) {
      const since = performance.now();
      const start = makeEngine(part).then(async (engine) => {
        background.signal.throwIfAborted();
        processes.set(part, engine);
        await engine.start();
        onProgress(`${part} is up (${((performance.now() - since) / 1000).toFixed(1)} s)`);
      });
      starts.set(part, start);
    }
    for (const part of [FIRST_WRITER, 'journal-a', 'journal-b'] as const) {
      const url = wanted.includes(part) ? given[part] : undefined;
      if (url) starts.set(part, (part === FIRST_WRITER ? prepareWriter : prepareJournal).apply(url));
    }
    await allOrReasons([...starts.values()]);
    const engineOf = (part: DatabasePart) => processes.get(part);
    keeper = startFollowKeeper({ directory, basePort, secrets, databases, engineOf, onProgress });
    if (kinds.has('opensearch')) {
      const baseDirectory = await artifacts.opensearch;
      const logFile = logFileOf(directory, 'search-archive');
      const archive = { cacheDirectory, baseDirectory, java: prerequisites.java, runDirectory, logFile };
      // Only speed depends on it; the next start tries again.
      archiving = ensureArchive(archive, background.signal).catch(() => {});
    }
    const addressOf = (part: PartName) => given[part] ?? localEndpoint(part, basePort);
    return {
      endpoints: Object.fromEntries(wanted.map((part) => [part, addressOf(part)])) as Record<
        PartName,
        string
      >,
      get parts() {
        return wanted.map((name) => {
          const state: PartState = processes.get(name)?.state() ?? 'given';
          return { name, state, address: withoutCredentials(addressOf(name)) };
        });
      },
      secrets,
      adminUrl: (part) => given[part] ?? adminUrlOf(part, basePort, secrets),
      engine(part) {
        const engine = processes.get(part);
        if (!engine) throw new Error(`${part} was not started here.`);
        return engine;
      },
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** Waits for all, then throws the reasons of those that failed, each once. */
async function allOrReasons(starts: Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(starts);
  const faults = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as unknown] : [],
  );
  if (faults.length === 0) return;
  if (faults.length === 1) throw faults[0];
  throw new LocalFailure([...new Set(faults.map(messageOf))].join('\n\n'), { cause: faults[0] });
}

function withoutCredentials(address: string): string {
  const url = new URL(address);
  return url.username || url.password ? `${url.protocol}//${url.host}` : address;
}

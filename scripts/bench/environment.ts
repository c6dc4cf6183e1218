/** What a figure means nothing without. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import type { Service } from './service.ts';

export interface Environment {
  readonly commit: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  /** Of the last minute, before anything was started. */
  readonly loadAverageAtStart: number;
  readonly engines: Readonly<Record<string, string>>;
}

export function environmentHere(): Omit<Environment, 'engines'> {
  return {
    commit: commitHere(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    loadAverageAtStart: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export async function engineVersions(service: Service): Promise<Record<string, string>> {
  const redis = service.openRedis();
  const admin = await service.openDatabase();
  try {
    const [rows] = await admin.query('SELECT VERSION() AS version');
    const search = await fetch(service.urls.search).then((answer) => answer.json());
    return {
      redis: /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown',
      database: String((rows as { version: string }[])[0]?.version),
      search: String((search as { version?: { number?: string } }).version?.number),
    };
  } finally {
    redis.disconnect();
    await admin.end();
  }
}

function commitHere(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' and changes');
  } catch {
    return 'unknown';
  }
}

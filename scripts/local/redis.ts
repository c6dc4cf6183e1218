import { mkdirSync } from 'node:fs';
import { probe } from './probes.ts';
import { type ManagedProcess, makeManagedProcess } from './process.ts';

/**
 * A Redis that keeps nothing across a restart: what it held is to be found again, never to be believed.
 * Keys without a lifetime are never evicted, however full it is.
 */
export function makeRedis(request: {
  name: string;
  /** The `redis-server` to run. */
  program: string;
  dataDirectory: string;
  port: number;
  logFile: string;
  runDirectory: string;
}): ManagedProcess {
  mkdirSync(request.dataDirectory, { recursive: true });
  const options: Record<string, string> = {
    bind: '127.0.0.1',
    port: String(request.port),
    dir: request.dataDirectory,
    daemonize: 'no',
    save: '',
    appendonly: 'no',
    maxmemory: '256mb',
    'maxmemory-policy': 'volatile-lru',
    'tcp-backlog': '128',
  };
  return makeManagedProcess(
    {
      name: request.name,
      command: request.program,
      args: Object.entries(options).flatMap(([option, value]) => [`--${option}`, value]),
      env: {},
      workingDirectory: request.dataDirectory,
      logFile: request.logFile,
      isReady: async () => (await probe(`redis://127.0.0.1:${request.port}`)) === 'up',
      readyWithinMs: 20_000,
      stopWithinMs: 5_000,
    },
    request.runDirectory,
  );
}

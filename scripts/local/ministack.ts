import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probe } from './probes.ts';
import { type ManagedProcess, makeManagedProcess } from './process.ts';

const LAUNCHER = fileURLToPath(new URL('./ministack-launcher.py', import.meta.url));

export const MINISTACK_HEALTH_PATH = '/_ministack/health';

/**
 * A MiniStack: queues, parameters and tables of one region, or the witness. Its environment holds nothing but what
 * is said here, so that no credential or setting of the user's reaches it.
 */
export function makeMinistack(request: {
  name: string;
  /** The Python that has MiniStack. */
  python: string;
  dataDirectory: string;
  port: number;
  logFile: string;
  runDirectory: string;
  /** In place of the usual one. */
  launcher?: string;
  /** Besides the usual ones. */
  variables?: Readonly<Record<string, string>>;
}): ManagedProcess {
  const temporary = join(request.dataDirectory, 'tmp');
  mkdirSync(temporary, { recursive: true });
  return makeManagedProcess(
    {
      name: request.name,
      command: request.python,
      args: [request.launcher ?? LAUNCHER],
      env: {
        // Functions run on the first Node found: it has to be the one that runs this.
        PATH: [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':'),
        HOME: request.dataDirectory,
        TMPDIR: temporary,
        PYTHONDONTWRITEBYTECODE: '1',
        BIND_HOST: '127.0.0.1',
        GATEWAY_PORT: String(request.port),
        MINISTACK_HOST: '127.0.0.1',
        PERSIST_STATE: '1',
        STATE_DIR: join(request.dataDirectory, 'state'),
        S3_PERSIST: '1',
        S3_DATA_DIR: join(request.dataDirectory, 's3'),
        LOG_LEVEL: 'WARNING',
        // It would otherwise look for containers of its kind and remove them, and listen on two more ports.
        DOCKER_HOST: `unix://${join(temporary, 'no-docker.sock')}`,
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
        ...request.variables,
      },
      workingDirectory: request.dataDirectory,
      logFile: request.logFile,
      isReady: async () =>
        (await probe(`http://127.0.0.1:${request.port}`, { healthPath: MINISTACK_HEALTH_PATH })) === 'up',
      readyWithinMs: 30_000,
      stopWithinMs: 10_000,
    },
    request.runDirectory,
  );
}

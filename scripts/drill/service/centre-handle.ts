/** A centre's functions as a process that can be killed, and started again. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Centre, CentreOptions } from '../../local/centre.ts';
import type { CentreAnswer, CentreOrder } from './centre-process.ts';

export interface CentreHandle extends Centre {
  /** `kill -9`: functions, gateways and consumer are gone at once. */
  kill(): Promise<void>;
  /** As it was started. */
  restart(): Promise<void>;
}

const restartsMax = 5;

export async function startCentreProcess({ variablesOf, ...options }: CentreOptions): Promise<CentreHandle> {
  const variables = { critical: variablesOf('critical'), marketing: variablesOf('marketing') };
  const order: CentreOrder = { ...options, variables };
  let child: ChildProcess | undefined;

  const start = async (): Promise<Extract<CentreAnswer, { urls: unknown }>['urls']> => {
    const started = fork(fileURLToPath(new URL('./centre-process.ts', import.meta.url)));
    child = started;
    started.send(order);
    const answer = await new Promise<CentreAnswer>((resolve) => {
      started.once('message', (message) => resolve(message as CentreAnswer));
      started.once('exit', () => resolve({ failure: 'its process ended' }));
    });
    if ('failure' in answer)
      throw new Error(`The functions of ${options.centre} do not start: ${answer.failure}`);
    return answer.urls;
  };
  const kill = async (): Promise<void> => {
    const ending = child;
    child = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill('SIGKILL');
    await exited;
  };

  const urls = await start();
  const gateway = (url: string) => ({ url, close: async () => {} });
  return {
    gateways: { critical: gateway(urls.critical), marketing: gateway(urls.marketing) },
    kill,
    async restart() {
      for (let attempt = 1; ; attempt++) {
        await kill();
        try {
          await start();
          return;
        } catch (error) {
          // Whoever runs functions starts them until they run; what they need may have come back just now.
          if (attempt === restartsMax) throw error;
        }
      }
    },
    stop: kill,
  };
}

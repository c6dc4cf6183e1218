/**
 * Inside an execution environment: loads functions, runs one invocation at a time, and freezes in between. A thread
 * that is frozen runs nothing: no timer fires and no socket is read until the next invocation thaws it.
 */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type MessagePort, workerData } from 'node:worker_threads';
import type { EnvironmentData, Invocation, InvocationEnd } from './functions.ts';

const { port, frozen, freezes, niceness, functions, modules } = workerData as EnvironmentData & {
  readonly port: MessagePort;
};
const cell = new Int32Array(frozen);
// Of this thread alone: Linux ranks threads, not processes.
if (niceness > 0) setPriority(niceness);

type Handler = (event: unknown, context: object) => Promise<unknown>;
const handlers = new Map<string, Handler>();
for (const name of functions) {
  const module = (await import(pathToFileURL(join(modules, `${name}.mjs`)).href)) as {
    readonly handler: Handler;
  };
  handlers.set(name, module.handler);
}

port.on('message', async ({ name, event, remainingMs, requestId }: Invocation) => {
  const endsAtMs = performance.now() + remainingMs;
  const context = {
    functionName: name,
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(endsAtMs - performance.now())),
  };
  try {
    const handler = handlers.get(name);
    if (!handler) throw new Error(`no function ${name} here`);
    end({ kind: 'answered', result: await handler(event, context) });
  } catch (error) {
    end({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
end('ready');

function end(message: InvocationEnd | 'ready'): void {
  Atomics.store(cell, 0, 1);
  port.postMessage(message);
  // A thaw that came meanwhile has reset the cell: then there is nothing to wait for.
  if (freezes) Atomics.wait(cell, 0, 1);
}

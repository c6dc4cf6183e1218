/**
 * Local execution environments, in place of Lambda's: threads with modules of their own, each with one invocation at
 * a time, frozen in between. A pool starts them as they are needed, up to a bound, and keeps them.
 *
 * An environment: `starting` -> `idle` -> `busy` -> `idle`; gone when it crashes, outstays its time, or is stopped.
 */
import { randomUUID } from 'node:crypto';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

export interface PoolOptions {
  /** The functions that each environment of the pool holds. */
  readonly functions: readonly string[];
  /** Their environment variables: these and no others. */
  readonly variables: Readonly<Record<string, string>>;
  /** Started at once and kept warm. */
  readonly environmentsMin: number;
  readonly environmentsMax: number;
  /** What a new environment is asked before it serves, one after the other: it connects and loads by that. */
  readonly warmUps?: readonly { readonly name: string; readonly event: unknown }[];
  /** Invocations that may wait for an environment; more are throttled. */
  readonly waitingMax: number;
  /** An invocation that takes longer ends with its environment. */
  readonly timeoutMs: number;
  /** Whether nothing runs in an environment between invocations. @default true */
  readonly freezes?: boolean;
  /**
   * How the operating system ranks their threads, 0 to 19, lower first: lanes have machines of their own elsewhere, and
   * share the cores of this one. @default 0
   */
  readonly niceness?: number;
  /** What the functions print. */
  readonly onOutput: (text: string) => void;
  /** The directory of the functions' modules, each `NAME.mjs` with its `handler`: see `bundleFunctions`. */
  readonly modules: string;
}

export type InvocationEnd =
  | { readonly kind: 'answered'; readonly result: unknown }
  /** The function threw, outstayed its time, or took its environment down. */
  | { readonly kind: 'failed'; readonly message: string };

export type InvocationOutcome = InvocationEnd | { readonly kind: 'throttled' };

export interface FunctionPool {
  /** Resolves once the first environments are warm. */
  readonly warm: Promise<void>;
  /** @param gone who aborts it does not wait any more: what has not begun is not begun, and answered as throttled */
  invoke(name: string, event: unknown, gone?: AbortSignal): Promise<InvocationOutcome>;
  /** Ends all environments wherever they are, as a power cut would. */
  stop(): Promise<void>;
}

export interface Invocation {
  readonly name: string;
  readonly event: unknown;
  readonly remainingMs: number;
  readonly requestId: string;
}

export interface EnvironmentData {
  readonly functions: readonly string[];
  readonly modules: string;
  readonly freezes: boolean;
  readonly niceness: number;
  /** One cell: 1 while frozen. */
  readonly frozen: SharedArrayBuffer;
}

interface Waiting {
  readonly invocation: Invocation;
  readonly settle: (outcome: InvocationOutcome) => void;
}

interface Environment {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly cell: Int32Array;
  state: 'starting' | 'idle' | 'busy';
  warmUpsLeft: number;
  current: (Waiting & { readonly timer: NodeJS.Timeout }) | undefined;
}

const memoryMbMax = 256;
/** Small, because each environment has its own: the default would cost more than everything else in it. */
const youngMemoryMbMax = 8;

export function makeFunctionPool(options: PoolOptions): FunctionPool {
  const environments = new Set<Environment>();
  const waiting: Waiting[] = [];
  let stopped = false;
  const warmings: Promise<void>[] = [];
  for (let count = 0; count < options.environmentsMin; count++) warmings.push(start());
  const warm = Promise.all(warmings).then(() => {});
  // Whoever does not wait for it hears of it with the first invocation.
  warm.catch(() => {});

  function start(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const frozen = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const { functions, modules, freezes = true, niceness = 0, warmUps = [] } = options;
    const data: EnvironmentData = { functions, modules, freezes, niceness, frozen };
    const worker = new Worker(new URL('./environment-worker.ts', import.meta.url), {
      workerData: { ...data, port: port2 },
      transferList: [port2],
      env: { ...options.variables },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: memoryMbMax, maxYoungGenerationSizeMb: youngMemoryMbMax },
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8').on('data', options.onOutput);
    }
    const environment: Environment = {
      worker,
      port: port1,
      cell: new Int32Array(frozen),
      state: 'starting',
      warmUpsLeft: warmUps.length,
      current: undefined,
    };
    environments.add(environment);
    return new Promise((resolve, reject) => {
      port1.on('message', (message: InvocationEnd | 'ready') => {
        if (message !== 'ready') release(environment, message);
        const warmUp = warmUps[warmUps.length - environment.warmUpsLeft];
        if (warmUp) {
          environment.warmUpsLeft--;
          run(environment, { invocation: invocationOf(warmUp.name, warmUp.event), settle: () => {} });
          return;
        }
        environment.state = 'idle';
        resolve();
        next(environment);
      });
      worker.on('error', (error) => options.onOutput(`${error.stack}\n`));
      worker.on('exit', () => {
        port1.close();
        environments.delete(environment);
        release(environment, { kind: 'failed', message: 'the environment ended' });
        if (environment.state === 'starting') {
          reject(new Error('a function could not be loaded'));
          // Another would not load either: whoever waits is told now.
          for (const { settle } of waiting.splice(0))
            settle({ kind: 'failed', message: 'a function could not be loaded' });
        } else if (!stopped) grow();
      });
    });
  }

  function release(environment: Environment, outcome: InvocationEnd): void {
    clearTimeout(environment.current?.timer);
    environment.current?.settle(outcome);
    environment.current = undefined;
  }

  function next(environment: Environment): void {
    const first = waiting.shift();
    if (!first) return;
    environment.state = 'busy';
    run(environment, first);
  }

  function run(environment: Environment, first: Waiting): void {
    const timer = setTimeout(() => {
      const message = `took longer than ${options.timeoutMs} ms`;
      options.onOutput(`${JSON.stringify({ operation: first.invocation.name, environment: message })}\n`);
      release(environment, { kind: 'failed', message });
      void environment.worker.terminate();
    }, options.timeoutMs);
    environment.current = { ...first, timer };
    environment.port.postMessage(first.invocation);
    Atomics.store(environment.cell, 0, 0);
    Atomics.notify(environment.cell, 0);
  }

  function invocationOf(name: string, event: unknown): Invocation {
    return { name, event, remainingMs: options.timeoutMs, requestId: randomUUID() };
  }

  function countOf(state: Environment['state']): number {
    return [...environments].filter((environment) => environment.state === state).length;
  }

  /** One environment more for each invocation that waits, up to the bound. */
  function grow(): void {
    const wanted = Math.min(
      waiting.length - countOf('starting'),
      options.environmentsMax - environments.size,
    );
    for (let count = 0; count < wanted; count++) start().catch(() => {});
  }

  return {
    warm,

    invoke(name, event, gone) {
      const idle = [...environments].find(({ state }) => state === 'idle');
      // Those that are starting, or can be started, are not waited for in line.
      const coming = countOf('starting') + options.environmentsMax - environments.size;
      const hasRoom = idle !== undefined || waiting.length < options.waitingMax + coming;
      if (stopped || !hasRoom) return Promise.resolve({ kind: 'throttled' });
      return new Promise((settle) => {
        const mine: Waiting = { invocation: invocationOf(name, event), settle };
        waiting.push(mine);
        gone?.addEventListener('abort', () => {
          const index = waiting.indexOf(mine);
          if (index === -1) return;
          waiting.splice(index, 1);
          settle({ kind: 'throttled' });
        });
        if (idle) next(idle);
        else grow();
      });
    },

    async stop() {
      stopped = true;
      for (const { settle } of waiting.splice(0)) settle({ kind: 'throttled' });
      await Promise.all([...environments].map(({ worker }) => worker.terminate()));
    },
  };
}

/** One centre's functions on this machine: their environments, a gateway a lane, the consumer, the relay and the observer. */
import { createWriteStream, mkdirSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { requestRates } from '../../functions/runtime/lanes.ts';
import { type ApiFunction, routes } from '../../functions/runtime/routes.ts';
import { observerSchedule, relaySchedule } from '../../functions/runtime/schedules.ts';
import { makeFunctionPool } from './functions.ts';
import { startGateway } from './gateway.ts';
import type { HttpServer } from './http-server.ts';
import { poolSizes } from './lane-pools.ts';
import { startQueuePoller } from './queue-poller.ts';
import { startSchedule } from './schedule.ts';
import { makeThrottle } from './throttle.ts';

const apiFunctions: readonly ApiFunction[] = [...new Set(routes.map((route) => route.function)), 'no-route'];

/** Time-outs are Lambda's: above what the functions give themselves. */
const api = { functions: apiFunctions, waitingMax: 64, timeoutMs: 10_000 };
/** Loads the drivers, connects to everything that is read, and reads the registry: nobody's key opens nothing. */
const warmUps = [
  { name: 'health', event: warmUpEvent({}) },
  { name: 'get-member', event: warmUpEvent({ authorization: 'Bearer warm-up' }) },
];
const consumer = {
  functions: ['apply-change'],
  environmentsMin: 1,
  environmentsMax: 1,
  waitingMax: 1,
  timeoutMs: 30_000,
};
const relay = {
  functions: ['relay-outbox'],
  environmentsMin: 1,
  environmentsMax: 2,
  waitingMax: 0,
  timeoutMs: relaySchedule.timeoutMs,
};

const observer = {
  functions: ['observe-consistency'],
  environmentsMin: 1,
  environmentsMax: 2,
  waitingMax: 0,
  timeoutMs: observerSchedule.timeoutMs,
};

export interface CentreOptions {
  readonly centre: CentreName;
  readonly ports: Readonly<Record<Lane, number>>;
  readonly variablesOf: (lane: Lane) => Record<string, string>;
  /** What the observer has beyond the others' variables. */
  readonly observer: Record<string, string>;
  /** The directory of the bundled functions. */
  readonly modules: string;
  readonly logFile: string;
  /** Whether environments are frozen between invocations. @default true */
  readonly freezes?: boolean;
  /** How many environments each lane has. @default those of `lane-pools.ts` */
  readonly pools?: typeof poolSizes;
  /** When the log is put aside, and the one put aside before goes. @default 16 MB */
  readonly logBytesMax?: number;
  readonly queue: { readonly queueUrl: string; readonly endpoint: string; readonly region: string };
}

export interface Centre {
  readonly gateways: Readonly<Record<Lane, HttpServer>>;
  /** Ends everything wherever it is, as the loss of the centre's functions would. */
  stop(): Promise<void>;
}

export async function startCentre(options: CentreOptions): Promise<Centre> {
  const { ports, variablesOf, modules, freezes = true, pools: sizes = poolSizes } = options;
  const log = makeLog(options.logFile, options.logBytesMax ?? usualLogBytesMax);
  const shared = { modules, freezes, onOutput: log.write };
  const pools = {
    critical: makeFunctionPool({
      ...shared,
      ...api,
      ...sizes.critical,
      warmUps,
      variables: variablesOf('critical'),
    }),
    marketing: makeFunctionPool({
      ...shared,
      ...api,
      ...sizes.marketing,
      warmUps,
      variables: variablesOf('marketing'),
    }),
    consumer: makeFunctionPool({ ...shared, ...consumer, variables: variablesOf('critical') }),
    relay: makeFunctionPool({ ...shared, ...relay, variables: variablesOf('critical') }),
    observer: makeFunctionPool({
      ...shared,
      ...observer,
      variables: { ...variablesOf('critical'), ...options.observer },
    }),
  };
  await Promise.all(Object.values(pools).map((pool) => pool.warm));
  const schedules = [
    startSchedule({ everyMs: relaySchedule.everyMs, invoke: () => pools.relay.invoke('relay-outbox', {}) }),
    startSchedule({
      everyMs: observerSchedule.everyMs,
      invoke: () => pools.observer.invoke('observe-consistency', {}),
    }),
  ];
  const poller = startQueuePoller({
    ...options.queue,
    invoke: (event) => pools.consumer.invoke('apply-change', event),
  });
  const gateway = (lane: Lane): Promise<HttpServer> =>
    startGateway({
      port: ports[lane],
      lane,
      throttle: makeThrottle(requestRates(lane, sizes[lane].environmentsMax)),
      invoke: (name, event, gone) => pools[lane].invoke(name, event, gone),
    });
  const [critical, marketing] = await Promise.all([gateway('critical'), gateway('marketing')]);
  return {
    gateways: { critical, marketing },
    async stop() {
      for (const schedule of schedules) schedule.stop();
      await Promise.all([
        critical.close(),
        marketing.close(),
        poller.stop(),
        ...Object.values(pools).map((pool) => pool.stop()),
      ]);
      log.end();
    },
  };
}

function warmUpEvent(headers: Record<string, string>): object {
  return {
    version: '2.0',
    rawPath: '/',
    headers,
    requestContext: { http: { method: 'GET', path: '/' } },
    isBase64Encoded: false,
  };
}

const usualLogBytesMax = 16 * 1024 * 1024;

/** A file that is put aside when it has become long; the one put aside before goes. */
function makeLog(path: string, logBytesMax: number): { write(text: string): void; end(): void } {
  mkdirSync(dirname(path), { recursive: true });
  let bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  let stream: WriteStream = createWriteStream(path, { flags: 'a' });
  return {
    write(text) {
      if (bytes > logBytesMax) {
        stream.end();
        renameSync(path, `${path}.1`);
        stream = createWriteStream(path, { flags: 'a' });
        bytes = 0;
      }
      bytes += Buffer.byteLength(text);
      stream.write(text);
    },
    end: () => void stream.end(),
  };
}

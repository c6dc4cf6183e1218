/**
 * A front door in place of Route 53: asks both centres for their health and sends each request to one that is well, by
 * the same records and thresholds (`functions/runtime/routing.ts`). When none is well, the records answer as if all were.
 *
 * A centre's health: `well` --enough failures in a row--> `unwell` --enough successes in a row--> `well`.
 */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { problemResponse, unavailable } from '../../functions/runtime/api/problems.ts';
import { healthCheck, type Records, recordsOf } from '../../functions/runtime/routing.ts';
import { type HttpServer, listen } from './http-server.ts';

const checkEveryMs = healthCheck.requestIntervalSeconds * 1_000;
/** Route 53's own bound for connecting comes on top; here nothing is that far away. */
const checkWithinMs = healthCheck.answerWithinMs;

const socketsMax = 512;
/** Below the time after which a gateway closes a connection that is not used. */
const idleSocketMs = 30_000;
const retryAfterMs = 1_000;
/** A connection's own affairs, which do not go beyond it. */
const hopHeaders = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

export interface FrontDoorOptions {
  readonly port: number;
  readonly lane: Lane;
  /** The address of each centre's gateway for this lane. */
  readonly centres: Readonly<Record<CentreName, string>>;
  /** @default the lane's */
  readonly records?: Records;
  /** 0 to below 1. @default Math.random */
  readonly random?: () => number;
  /** @default checkEveryMs */
  readonly everyMs?: number;
}

export interface FrontDoor extends HttpServer {
  readonly health: () => Readonly<Record<CentreName, boolean>>;
  /** Asks each centre once, as happens at every interval. */
  check(): Promise<void>;
}

export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { lane, centres, records = recordsOf[lane], random = Math.random } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: socketsMax, timeout: idleSocketMs });
  const judges = { A: makeJudge(), B: makeJudge() };
  const health = () => ({ A: judges.A.isWell(), B: judges.B.isWell() });

  const check = async (): Promise<void> => {
    await Promise.all(
      centreNames.map(async (centre) => judges[centre].heard(await isHealthy(centres[centre]))),
    );
  };
  const interval = setInterval(() => void check(), options.everyMs ?? checkEveryMs);

  const server = createServer((incoming, response) => {
    const centre = choose(records, health(), random());
    forward(incoming, response, centres[centre], agent);
  });
  const listening = await listen(server, options.port);
  return {
    url: listening.url,
    health,
    check,
    async close() {
      clearInterval(interval);
      await listening.close();
      agent.destroy();
    },
  };
}

/** Which centre the records name. `at` is 0 to below 1. */
export function choose(
  records: Records,
  health: Readonly<Record<CentreName, boolean>>,
  at: number,
): CentreName {
  const isAnyWell = health.A || health.B;
  if (records.policy === 'failover')
    return health[records.primary] || !isAnyWell ? records.primary : records.secondary;
  const { weights } = records;
  const weightOf = (centre: CentreName): number => (health[centre] || !isAnyWell ? weights[centre] : 0);
  return at * (weightOf('A') + weightOf('B')) < weightOf('A') ? 'A' : 'B';
}

export function makeJudge(threshold = healthCheck.failureThreshold): {
  isWell(): boolean;
  heard(answer: boolean): void;
} {
  let well = true;
  let contraryInARow = 0;
  return {
    isWell: () => well,
    heard(answer) {
      contraryInARow = answer === well ? 0 : contraryInARow + 1;
      if (contraryInARow < threshold) return;
      well = answer;
      contraryInARow = 0;
    },
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url + healthCheck.path, { signal: AbortSignal.timeout(checkWithinMs) });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}

/** Streams a request to a centre and its answer back. One that fails is not tried elsewhere: names would not either. */
function forward(incoming: IncomingMessage, response: ServerResponse, url: string, agent: Agent): void {
  const outgoing = requestHttp(
    url + (incoming.url ?? '/'),
    { method: incoming.method, headers: passed(incoming), agent },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, passed(answer));
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    },
  );
  outgoing.on('error', () => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const { statusCode = 503, headers, body } = problemResponse(unavailable(retryAfterMs));
    if (!incoming.complete) response.setHeader('connection', 'close');
    response.writeHead(statusCode, headers as Record<string, string>);
    response.end(body);
  });
  response.on('close', () => outgoing.destroy());
  incoming.on('error', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function passed(message: IncomingMessage): string[] {
  const { rawHeaders } = message;
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (!hopHeaders.includes(name.toLowerCase())) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

import type { ApiResponse, Client } from '@opensearch-project/opensearch';
import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { whenLate } from '../system/when-late.ts';

export interface SearchConnection {
  /** The cluster's name in the configuration. */
  readonly name: string;
  readonly url: string;
  /** Whom it asks for, if anybody. */
  readonly user?: { readonly name: string; readonly password: string } | undefined;
  readonly clock: Clock;
  /** Connections kept to the cluster; 8 when not given. */
  readonly socketsMax?: number;
}

export interface SearchRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** Newline-delimited JSON, for `_bulk`. */
  readonly bulkBody?: string;
}

export interface SearchAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the engine's JSON, looked into by each caller
  readonly body: any;
}

/** Answers with these statuses are the caller's to judge; all others are the cluster's own fault. */
const judged = [400, 404, 409, 429];

/** Requests under way or waiting for a socket, for each socket: more is refused at once, and nothing piles up. */
const requestsMaxASocket = 8;

/**
 * Sends requests to one cluster; each ends by its deadline, whatever the cluster does. The client is loaded and
 * connects with the first of them. Requests must be repeatable: one whose connection was reset (an idle one, closed
 * by the cluster while this process was frozen) is sent a second time.
 */
export function makeSearchClient({ name, url, user, clock, socketsMax = 8 }: SearchConnection) {
  let loading: Promise<Client> | undefined;
  let underWay = 0;

  const load = async (): Promise<Client> => {
    const { Client } = await import('@opensearch-project/opensearch');
    const agent = { keepAlive: true, maxSockets: socketsMax, maxFreeSockets: socketsMax };
    // Without `resurrectStrategy: 'none'` the client sends pings of its own, which no deadline bounds.
    const auth = user && { username: user.name, password: user.password };
    return new Client({ node: url, ...(auth && { auth }), agent, maxRetries: 0, resurrectStrategy: 'none' });
  };

  const attempt = async (
    client: Client,
    request: SearchRequest,
    deadline: Deadline,
  ): Promise<SearchAnswer> => {
    const leftMs = remainingMs(clock, deadline);
    if (leftMs <= 0) throw new Error('the deadline has passed');
    const { method, path, query, body, bulkBody } = request;
    const sent = client.transport.request(
      {
        method,
        path,
        ...(query && { querystring: { ...query } }),
        ...(body && { body }),
        ...(bulkBody && { bulkBody }),
      },
      { ignore: judged, requestTimeout: leftMs + 1_000 },
    );
    // The client's own time-out covers neither the wait for a socket nor a body that never ends.
    const cancel = whenLate(leftMs, () => sent.abort());
    try {
      const answer: ApiResponse = await sent;
      return { status: answer.statusCode ?? 0, body: answer.body };
    } finally {
      cancel();
    }
  };

  return async function send(request: SearchRequest, deadline: Deadline): Promise<SearchAnswer> {
    if (underWay >= socketsMax * requestsMaxASocket)
      throw new DependencyUnavailable(name, 'too many requests under way');
    underWay++;
    try {
      loading ??= load();
      const client = await loading;
      try {
        return await attempt(client, request, deadline);
      } catch (error) {
        if (!wasReset(error)) throw error;
        return await attempt(client, request, deadline);
      }
    } catch (error) {
      throw new DependencyUnavailable(name, withoutRequest(error));
    } finally {
      underWay--;
    }
  };
}

export type SendToSearch = ReturnType<typeof makeSearchClient>;

function wasReset(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ConnectionError' &&
    /socket hang up|ECONNRESET/.test(error.message)
  );
}

/** The client's errors carry the whole request: documents and addresses, which do not belong into logs. */
function withoutRequest(error: unknown): Error {
  return error instanceof Error ? new Error(`${error.name}: ${error.message}`) : new Error(String(error));
}

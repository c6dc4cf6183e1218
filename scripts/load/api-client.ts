/** The API as this client speaks it, over kept connections. Knows nothing of the service but its documents. */
import { Agent, request as httpRequest } from 'node:http';
import type { Found, Freshness } from './judge.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
}

/** No answer: the connection broke, or the time was over. */
export class NoReply extends Error {}

export type Send = (
  base: string,
  method: string,
  path: string,
  options?: {
    readonly body?: unknown;
    readonly idempotencyKey?: string;
    /** How long an answer is waited for. @default 8 s */
    readonly withinMs?: number;
  },
) => Promise<Reply>;

const usualWithinMs = 8_000;
const answerBytesMax = 1_000_000;

export function makeApiClient({ key, socketsMax }: { readonly key: string; readonly socketsMax: number }): {
  readonly send: Send;
  close(): void;
} {
  const agent = new Agent({ keepAlive: true, maxSockets: socketsMax });
  const send: Send = (base, method, path, { body, idempotencyKey, withinMs = usualWithinMs } = {}) =>
    new Promise((resolve, reject) => {
      const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers: Record<string, string> = { authorization: `Bearer ${key}` };
      if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
      if (content) {
        headers['content-type'] = 'application/json';
        headers['content-length'] = String(content.length);
      }
      const fail = (error: unknown) => reject(new NoReply(`${method} got no answer`, { cause: error }));
      const outgoing = httpRequest(new URL(path, base), { method, headers, agent }, (incoming) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > answerBytesMax) incoming.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        incoming.on('error', fail);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parsed(text) });
        });
      });
      // Of the whole answer: a socket's own time-out begins anew with every byte, and while it waits for a free one.
      const late = () => outgoing.destroy(new Error(`no answer within ${withinMs} ms`));
      const timer = setTimeout(late, withinMs);
      outgoing.on('error', fail);
      outgoing.on('close', () => clearTimeout(timer));
      outgoing.end(content);
    });
  return { send, close: () => agent.destroy() };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member as an answer shows it; null when it is none. */
export function memberIn(body: unknown): Found | null {
  if (typeof body !== 'object' || body === null) return null;
  const { memberId, version, name, level, accounts, ...rest } = body as Record<string, unknown>;
  if (typeof memberId !== 'string' || typeof version !== 'number' || !Array.isArray(accounts)) return null;
  const holdings: Record<string, string> = {};
  for (const kind of ['phone', 'unionId', 'cardNo']) {
    const value = rest[kind];
    if (value !== undefined) holdings[kind] = String(value);
  }
  for (const { platform, accountId } of accounts as { platform: string; accountId: string }[]) {
    holdings[`account:${platform}`] = accountId;
  }
  return { memberId, version, name: String(name), level: Number(level), holdings };
}

/** How fresh an answer says it is; null when it does not say. */
export function freshnessIn({ headers }: Reply): Freshness | null {
  const kind = headers['x-freshness'];
  if (kind === 'fresh' || kind === 'stale') return { kind };
  const seconds = Number(headers.age);
  return kind === 'bounded' && Number.isFinite(seconds) ? { kind, ageMs: seconds * 1000 } : null;
}

/** The body that names one identifier, for a lookup or a binding. */
export function identifierBody(field: string, value: string): unknown {
  const [kind, platform] = field.split(':');
  return kind === 'account' ? { account: { platform, accountId: value } } : { [field]: value };
}

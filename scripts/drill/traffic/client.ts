/**
 * The client of the drill, as a caller should be: it asks the front door; when that gives no answer in time, or a 5xx, it
 * asks once more, on the name of the other centre, within its deadline. It records every attempt.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HistoryEntry } from '../../judge/history.ts';
import { freshnessIn, NoReply, type Reply, type Send } from '../../load/api-client.ts';
import { failureName, orNull } from '../../load/writes.ts';
import { answeredEntry, askedEntry, type HashIdentifier } from './entries.ts';
import type { Attempt, LaneName, Seen, Target } from './seen.ts';

/**
 * What a request may take, and its first attempt of it: a little more than the service's own deadline, so that what is
 * refused in time is heard. A write is told when to come back, and there is time for that.
 */
const patienceMs = {
  read: { all: 2_500, first: 1_300 },
  write: { all: 12_000, first: 5_600 },
} as const;

export interface ClientPorts {
  readonly send: Send;
  readonly lane: LaneName;
  /** The addresses of the lane's names. */
  readonly names: Readonly<Record<Target, string>>;
  /** The centre that the front door's name leads to just now: whoever resolves a name knows. */
  readonly frontDoorAt: () => 'A' | 'B';
  readonly hash: HashIdentifier;
  readonly seen: Seen;
  readonly history: (entry: HistoryEntry) => void;
  readonly nowMs?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
}

const nsPerMs = 1e6;

/** Sends like `send`, from the caller's point of view: `base` is the name it asks first. */
export function makeClient(ports: ClientPorts): Send {
  const { send, lane, names, frontDoorAt, hash, seen, history } = ports;
  const { nowMs = () => performance.now(), pause = sleep } = ports;
  const targetOf = (base: string): Target =>
    (Object.keys(names) as Target[]).find((name) => names[name] === base) ?? 'front-door';
  const otherThan = (target: Target): Target => {
    const centre = target === 'front-door' ? frontDoorAt() : target;
    return centre === 'A' ? 'B' : 'A';
  };
  /** Writes that were sent before: their sender goes on until it knows what became of them. */
  const sent = new Set<string>();

  return async (base, method, path, { body, idempotencyKey } = {}) => {
    const asked = askedEntry({ method, path, body, idempotencyKey }, hash);
    const kind = asked.op === 'get' || asked.op === 'lookup' ? 'read' : 'write';
    const isFirst = idempotencyKey === undefined || !sent.has(idempotencyKey);
    if (idempotencyKey !== undefined) sent.add(idempotencyKey);
    const startMs = nowMs();
    const { all, first } = patienceMs[kind];

    const attempt = async (target: Target, withinMs: number): Promise<[Reply | null, Attempt]> => {
      const attemptMs = nowMs();
      const options = {
        withinMs,
        ...(body !== undefined && { body }),
        ...(idempotencyKey && { idempotencyKey }),
      };
      const reply = await send(names[target], method, path, options).catch(orNull);
      const endMs = nowMs();
      const times = { start: Math.floor(attemptMs * nsPerMs), end: Math.ceil(endMs * nsPerMs) };
      history(answeredEntry(asked, { process: lane, centre: target, ...times, body }, reply));
      const failure = failureOf(reply);
      const isRead = kind === 'read' && reply !== null && failure === null;
      const made: Attempt = {
        ...{ lane, kind, isFirst, startMs: attemptMs, endMs, target, failure },
        source: isRead ? String(reply.headers['x-source'] ?? 'none') : null,
        freshness: isRead ? (freshnessIn(reply)?.kind ?? 'none') : null,
      };
      seen.attempts.push(made);
      return [reply, made];
    };

    const target = targetOf(base);
    let [reply, last] = await attempt(target, first);
    let attempts = 1;
    if (last.failure !== null) {
      const waitMs = kind === 'write' ? retryAfterMs(reply) : 0;
      const leftMs = all - (nowMs() - startMs) - waitMs;
      if (leftMs > 0) {
        if (waitMs > 0) await pause(waitMs);
        [reply, last] = await attempt(otherThan(target), leftMs);
        attempts = 2;
      }
    }
    if (isFirst) {
      const { target: _, isFirst: __, ...rest } = last;
      seen.requests.push({ ...rest, startMs, attempts });
    }
    if (reply === null) throw new NoReply(`${method} got no answer at either name`);
    return reply;
  };
}

/** Whatever the service said is an answer, unless it says that it cannot answer now. */
function failureOf(reply: Reply | null): string | null {
  if (reply === null) return 'no answer';
  return reply.status >= 500 || reply.status === 429 ? failureName(reply) : null;
}

function retryAfterMs(reply: Reply | null): number {
  const seconds = Number(reply?.headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? Math.max(0, seconds) * 1000 : 0;
}

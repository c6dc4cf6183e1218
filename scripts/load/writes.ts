/** Sends one write until its outcome is known, at whichever target answers, and enters it into the record. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { memberIn, NoReply, type Reply, type Send } from './api-client.ts';
import { isSame } from './judge.ts';
import { oneOf, type Random } from './random.ts';
import { type Content, type MemberLog, standing, type Write, type WriteRecord } from './record.ts';
import type { Stats } from './stats.ts';

export interface WriteRequest {
  readonly kind: 'register' | 'update' | 'bind' | 'unbind' | 'cancel';
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly after: Content | null;
}

export type WriteResult =
  /** `target` acknowledged it. */
  | { readonly kind: 'acknowledged'; readonly log: MemberLog; readonly target: string }
  /** Refused although the record says that it must be taken, or its outcome was never told. */
  | { readonly kind: 'lost' };

export type WriteSender = (log: MemberLog | null, request: WriteRequest) => Promise<WriteResult>;

const attemptsMax = 12;
const pauseMaxMs = 2_000;

export function makeWriteSender(ports: {
  readonly send: Send;
  readonly record: WriteRecord;
  readonly stats: Stats;
  readonly targets: readonly string[];
  readonly random: Random;
  readonly pause?: (ms: number) => Promise<unknown>;
}): WriteSender {
  const { send, record, stats, targets, random, pause = sleep } = ports;

  return async (known, request) => {
    const { kind, method, path, body, after } = request;
    const before = known ? lastVersion(known) : 0;
    const { log, write } = known
      ? { log: known, write: record.begin(known, after) }
      : record.beginRegistration(after as Content);
    const idempotencyKey = `load-${randomUUID()}`;
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      // A repeat may well go to the other centre: the key makes it the same request there.
      const target = oneOf(targets, random);
      const startMs = performance.now();
      const reply = await send(target, method, path, { body, idempotencyKey }).catch(orNull);
      const latencyMs = performance.now() - startMs;
      if (reply && reply.status < 300) {
        const receipt = receiptIn(reply.body);
        if (!receipt) break;
        record.acknowledge(log, write, receipt);
        stats.answered(kind, latencyMs);
        stats.judged(kind, faultOf(reply, receipt, before, write));
        return { kind: 'acknowledged', log, target };
      }
      stats.failed(kind, reply ? failureName(reply) : 'no reply');
      const mayRepeat = reply === null || reply.status >= 500 || reply.status === 429;
      if (!mayRepeat) {
        // A first attempt without an answer may have been carried out; only a refusal of the first proves anything.
        if (attempt === 1) record.refuse(log, write);
        stats.judged(kind, { fault: 'refused', detail: `${path}: ${failureName(reply)}` });
        return { kind: 'lost' };
      }
      await pause(Math.min(pauseMaxMs, 50 * 2 ** attempt) * (0.5 + random() / 2));
    }
    stats.failed(kind, 'outcome never known');
    return { kind: 'lost' };
  };
}

export function orNull(error: unknown): null {
  if (error instanceof NoReply) return null;
  throw error;
}

export function failureName({ status, body }: Reply): string {
  const code = typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
  return `${status} ${code}`.trim();
}

interface Receipt {
  readonly memberId: string;
  readonly version: number;
}

function receiptIn(body: unknown): Receipt | null {
  const receipt = (body as { readonly receipt?: Receipt } | undefined)?.receipt;
  return typeof receipt?.memberId === 'string' && Number.isSafeInteger(receipt.version) ? receipt : null;
}

function lastVersion(log: MemberLog): number {
  return log.writes.findLast(({ version }) => version !== null)?.version ?? 0;
}

/** What is wrong with an acknowledgement. */
function faultOf({ body }: Reply, receipt: Receipt, before: number, { after }: Write) {
  const where = `${receipt.memberId} at ${receipt.version}`;
  if (receipt.version <= before) return { fault: 'version', detail: `${where}, which was at ${before}` };
  const shown = memberIn((body as { readonly member?: unknown }).member);
  if (after === null || (shown?.version === receipt.version && isSame(after, shown))) return undefined;
  return { fault: 'content', detail: `${where}: another member than was written` };
}

/** The member as the client last knew it, for the next write. Only for one that stands. */
export function current(log: MemberLog): Content {
  const content = standing(log);
  if (content === null) throw new Error('the member was cancelled');
  return content;
}

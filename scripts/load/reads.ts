/** Sends one read and judges its answer. */
import { freshnessIn, identifierBody, memberIn, type Send } from './api-client.ts';
import { judgeLookup, judgeMember, type Verdict } from './judge.ts';
import type { MemberLog, WriteRecord } from './record.ts';
import type { Stats } from './stats.ts';
import { failureName, orNull } from './writes.ts';

export type Question =
  | { readonly by: 'id'; readonly log: MemberLog }
  | { readonly by: 'identifier'; readonly field: string; readonly value: string };

export type Read = (kind: string, target: string, question: Question) => Promise<void>;

export function makeRead(ports: {
  readonly send: Send;
  readonly record: WriteRecord;
  readonly stats: Stats;
}): Read {
  const { send, record, stats } = ports;

  const ask = (target: string, question: Question) =>
    question.by === 'id'
      ? send(target, 'GET', `/v1/members/${question.log.memberId}`)
      : send(target, 'POST', '/v1/members/lookup', { body: identifierBody(question.field, question.value) });

  return async (kind, target, question) => {
    const startMs = performance.now();
    const reply = await ask(target, question).catch(orNull);
    const endMs = performance.now();
    if (reply === null) return stats.failed(kind, 'no reply');
    const { status, body, headers } = reply;
    const isNobody = status === 404 && failureName(reply) === '404 no-such-member';
    if (status !== 200 && !isNobody) return stats.failed(kind, failureName(reply));
    stats.answered(kind, endMs - startMs);
    const freshness = freshnessIn(reply);
    const found = isNobody ? null : memberIn(body);
    if (freshness === null) return stats.judged(kind, { fault: 'unlabelled', detail: `status ${status}` });
    if (!isNobody && found === null) return stats.judged(kind, { fault: 'content', detail: 'no member' });
    const source = String(headers['x-source'] ?? 'none');
    stats.read(kind, source, freshness.kind);
    const answer = { startMs, endMs, freshness, found };
    const verdict: Verdict =
      question.by === 'id'
        ? judgeMember(question.log, answer)
        : judgeLookup(record, question.field, question.value, answer);
    const from = `, ${freshness.kind} from ${source} at ${target}`;
    stats.judged(kind, verdict.kind === 'wrong' ? { ...verdict, detail: verdict.detail + from } : undefined);
  };
}

/** Maps what the core answers to responses. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ReadAnswer, ReadOutcome } from '../../core/cache/answers.ts';
import type { IdentifierField } from '../../core/member/identifiers.ts';
import { identifiersOf, type Member } from '../../core/member/member.ts';
import type { WriteOutcome } from '../../core/member/outcomes.ts';
import type { BatchResult, MemberAnswer } from './answer-schemas.ts';
import { Refusal, statusOf, unavailable } from './problems.ts';
import { refusalOf } from './refusals.ts';

type Headers = Record<string, string>;

export function json(
  statusCode: number,
  content: unknown,
  headers: Readonly<Headers> = {},
): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(content),
  };
}

/** @throws Refusal `no-such-member`, as sure of it as the answer says */
export function readResponse(answer: ReadAnswer): APIGatewayProxyStructuredResultV2 {
  const headers = sureness(answer);
  if (answer.kind === 'nobody' || answer.member.status === 'cancelled') {
    throw new Refusal('no-such-member', { headers });
  }
  return json(200, memberView(answer.member), { ...headers, etag: etagOf(answer.member.version) });
}

const secondsUp = (ms: number): number => Math.ceil(ms / 1000);

function sureness(answer: ReadAnswer): Headers {
  const headers: Headers = { 'x-freshness': answer.freshness, 'x-source': answer.source };
  if (answer.freshness === 'bounded') headers.age = String(secondsUp(answer.ageMs));
  return headers;
}

/** One result of a batch, as the same lookup alone would have been answered. */
function resultOf(outcome: ReadOutcome): BatchResult {
  if (outcome instanceof Error) {
    const { code, particulars } = refusalOf(outcome);
    const retryAfter = particulars.headers?.['retry-after'];
    const wait = retryAfter === undefined ? {} : { retryAfter: Number(retryAfter) };
    return { status: statusOf(code), code, ...wait } as Extract<BatchResult, { status: 500 | 503 }>;
  }
  const { freshness, source } = outcome;
  const sure = { freshness, ...(freshness === 'bounded' && { age: secondsUp(outcome.ageMs) }), source };
  return outcome.kind === 'nobody' || outcome.member.status === 'cancelled'
    ? { status: 404, code: 'no-such-member' as const, ...sure }
    : { status: 200, member: memberView(outcome.member), ...sure };
}

/** Results in order; the headers promise of the whole no more than of its worst answer. */
export function batchResponse(outcomes: readonly ReadOutcome[]): APIGatewayProxyStructuredResultV2 {
  const answers = outcomes.filter((outcome): outcome is ReadAnswer => !(outcome instanceof Error));
  const worst = answers.reduce<ReadAnswer | null>(
    (known, answer) => (known && uncertainty(known) >= uncertainty(answer) ? known : answer),
    null,
  );
  const sources = new Set(answers.map(({ source }) => source));
  const headers = worst && sureness({ ...worst, source: sources.size > 1 ? 'several' : worst.source });
  return json(200, { results: outcomes.map(resultOf) }, headers ?? {});
}

/** Orders by what an answer promises, least last. */
function uncertainty(answer: ReadAnswer): number {
  if (answer.freshness === 'fresh') return -1;
  return answer.freshness === 'bounded' ? answer.ageMs : Number.POSITIVE_INFINITY;
}

type Done = Extract<WriteOutcome, { kind: 'done' }>;

const whyUnavailable: Record<Extract<WriteOutcome, { kind: 'unavailable' }>['reason'], string> = {
  'identifier-busy':
    'An identifier is in the middle of another request, or was let go and is not free in both centres yet.',
  'not-the-writer': 'Nothing can be written at the moment.',
  'no-receipt': 'Whether it was written is not certain yet: send the same request, with the same key, again.',
  contended: 'Too many requests change this member at once.',
};

/**
 * @param respond what an acknowledged write answers
 * @param pathOf where in the body a field stands that is bound already
 * @throws Refusal for everything that was not acknowledged
 */
export function writeResponse(
  outcome: WriteOutcome,
  respond: (done: Done) => APIGatewayProxyStructuredResultV2,
  pathOf: (field: IdentifierField) => string = (field) => `/${field}`,
): APIGatewayProxyStructuredResultV2 {
  switch (outcome.kind) {
    case 'done':
      return respond(outcome);
    case 'identifier-bound': {
      const errors = outcome.fields.map((field) => ({ path: pathOf(field), message: 'is bound already' }));
      throw new Refusal('identifier-bound', { errors });
    }
    case 'key-reused':
      throw new Refusal('idempotency-key-reused');
    case 'unavailable':
      throw unavailable(outcome.retryAfterMs, {
        detail: whyUnavailable[outcome.reason],
        reason: outcome.reason,
      });
    case 'no-such-member':
    case 'not-bound':
    case 'version-conflict':
      throw new Refusal(outcome.kind);
  }
}

/** 200, or what is given, with the member and the receipt. */
export function memberAndReceipt(statusCode = 200): (done: Done) => APIGatewayProxyStructuredResultV2 {
  return ({ member, receipt }) => {
    const headers: Headers = { etag: etagOf(member.version) };
    if (statusCode === 201) headers.location = `/v1/members/${member.memberId}`;
    return json(statusCode, { member: memberView(member), receipt }, headers);
  };
}

export const receiptOnly = ({ receipt }: Done): APIGatewayProxyStructuredResultV2 => json(200, { receipt });

/** A member as callers see it. */
function memberView(member: Member): MemberAnswer {
  const { memberId, version, status, name, level, createdAt, updatedAt } = member;
  const single: Partial<Record<'phone' | 'unionId' | 'cardNo', string>> = {};
  const accounts: { platform: string; accountId: string }[] = [];
  for (const identifier of identifiersOf(member)) {
    if (identifier.kind === 'account')
      accounts.push({ platform: identifier.platform, accountId: identifier.value });
    else single[identifier.kind] = identifier.value;
  }
  accounts.sort((a, b) => (a.platform < b.platform ? -1 : 1));
  return { memberId, version, status, name, level, ...single, accounts, createdAt, updatedAt };
}

const etagOf = (version: number): string => `"${version}"`;

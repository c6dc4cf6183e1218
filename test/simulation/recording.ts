/** What the callers of a run asked and were answered, in the form that any tool can judge (`scripts/judge`). */
import type { ReadAnswer } from '../../functions/core/cache/answers.ts';
import { fieldOf, type Identifier } from '../../functions/core/member/identifiers.ts';
import type { WriteOutcome } from '../../functions/core/member/outcomes.ts';
import type { HistoryEntry, HistoryIdentifier } from '../../scripts/judge/history.ts';
import { keyOf } from './cheap-crypto.ts';
import type { ApiProcess } from './processes.ts';
import type { Wish } from './wishes.ts';

const nsPerMs = 1e6;
const atNs = (ms: number): number => Math.round(ms * nsPerMs);

const hashed = (identifier: Identifier): HistoryIdentifier => ({
  kind: fieldOf(identifier),
  hash: keyOf(identifier),
});

/** Who asked whom, when. */
interface Asked {
  readonly caller: string;
  readonly process: ApiProcess;
  readonly startMs: number;
  readonly endMs: number;
}

const base = ({ caller, process, startMs, endMs }: Asked) => ({
  process: caller,
  centre: process.centre,
  start: atNs(startMs),
  end: atNs(endMs),
});

const nothing = { version: null, durability: null, freshness: null, source: null } as const;

export function writeEntry(asked: Asked, wish: Wish, outcome: WriteOutcome | 'lost'): HistoryEntry {
  const { op, memberId, wanted, details, request } = wish;
  const entry = {
    ...base(asked),
    op,
    memberId,
    identifier: op === 'bind' && wanted[0] ? hashed(wanted[0]) : null,
    input: {
      key: request.idempotencyKey,
      ...(op === 'register' ? { identifiers: wanted.map(hashed) } : {}),
      ...details,
    },
    ...nothing,
  };
  if (outcome === 'lost') return { ...entry, status: 'timeout' };
  switch (outcome.kind) {
    case 'done': {
      const { receipt } = outcome;
      return {
        ...entry,
        memberId: receipt.memberId,
        status: op === 'register' ? 201 : 200,
        version: receipt.version,
        durability: receipt.durability,
      };
    }
    case 'identifier-bound':
      return { ...entry, status: 409, code: outcome.kind, fields: outcome.fields };
    case 'version-conflict':
      return { ...entry, status: 409, code: outcome.kind };
    case 'key-reused':
      return { ...entry, status: 422, code: 'idempotency-key-reused' };
    case 'unavailable':
      return { ...entry, status: 503, code: outcome.kind };
    default:
      // A refreshing that found nothing to do says nothing of the member.
      return { ...entry, status: 404, code: details.refresh ? 'nothing-done' : outcome.kind };
  }
}

export function readEntry(
  asked: Asked,
  target: { readonly memberId: string } | { readonly identifier: Identifier },
  answer: ReadAnswer | 'lost',
): HistoryEntry {
  const isByMember = 'memberId' in target;
  const entry = {
    ...base(asked),
    op: isByMember ? ('get' as const) : ('lookup' as const),
    memberId: isByMember ? target.memberId : null,
    identifier: isByMember ? null : hashed(target.identifier),
    input: null,
    ...nothing,
  };
  if (answer === 'lost') return { ...entry, status: 'timeout' };
  const { freshness, source } = answer;
  const told = {
    ...entry,
    freshness,
    source,
    ...(answer.freshness === 'bounded' ? { ageMs: answer.ageMs } : {}),
  };
  if (answer.kind === 'nobody') return { ...told, status: 404, code: 'no-such-member' };
  return { ...told, status: 200, memberId: answer.member.memberId, version: answer.member.version };
}

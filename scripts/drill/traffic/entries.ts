/** A request of the API, and its answer, as a line of the history. */
import { createHmac } from 'node:crypto';
import type { HistoryEntry, HistoryIdentifier, HistoryInput } from '../../judge/history.ts';
import { freshnessIn, type Reply } from '../../load/api-client.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
}

/** What is asked, the same for every attempt of a request. */
export type AskedEntry = Pick<HistoryEntry, 'op' | 'memberId' | 'identifier' | 'input'>;

interface Account {
  readonly platform: string;
  readonly accountId: string;
}

export type HashIdentifier = (kind: string, value: string) => HistoryIdentifier;

/** By a key of the run's own: nothing in a history is personal. */
export const makeIdentifierHash =
  (key: Buffer): HashIdentifier =>
  (kind, value) => ({
    kind,
    hash: createHmac('sha256', key).update(`${kind}\0${value}`).digest('base64url').slice(0, 22),
  });

const singleKinds = ['phone', 'unionId', 'cardNo'];
const prefix = '/v1/members';

export function askedEntry({ method, path, body, idempotencyKey }: Asked, hash: HashIdentifier): AskedEntry {
  const [memberId = null, what = null, field = null] = path
    .slice(prefix.length + 1)
    .split('/')
    .map((part) => (part === '' ? null : part));
  const given = namedIn(body).map(([kind, value]) => hash(kind, value));
  const input = (more: object): HistoryInput => ({
    ...(idempotencyKey !== undefined && { key: idempotencyKey }),
    ...more,
  });
  const [identifier = null] = given;
  if (memberId === 'lookup') return { op: 'lookup', memberId: null, identifier, input: null };
  if (memberId === null)
    return { op: 'register', memberId: null, identifier: null, input: input({ identifiers: given }) };
  if (method === 'GET') return { op: 'get', memberId, identifier: null, input: null };
  if (method === 'PATCH') return { op: 'update', memberId, identifier: null, input: input({}) };
  if (what === null) return { op: 'cancel', memberId, identifier: null, input: input({}) };
  if (method === 'POST') return { op: 'bind', memberId, identifier, input: input({}) };
  return { op: 'unbind', memberId, identifier: null, input: input({ field: field ?? '' }) };
}

/** The identifiers that a body names, by field. */
function namedIn(body: unknown): [string, string][] {
  const {
    account,
    accounts = [],
    ...rest
  } = (body ?? {}) as Record<string, unknown> & {
    readonly account?: Account;
    readonly accounts?: readonly Account[];
  };
  const ofAccounts = [...accounts, ...(account ? [account] : [])];
  return [
    ...ofAccounts.map(({ platform, accountId }): [string, string] => [`account:${platform}`, accountId]),
    ...singleKinds.flatMap((kind): [string, string][] =>
      typeof rest[kind] === 'string' ? [[kind, rest[kind]]] : [],
    ),
  ];
}

interface AnswerBody {
  readonly receipt?: {
    readonly memberId: string;
    readonly version: number;
    readonly durability: HistoryEntry['durability'];
  };
  readonly memberId?: string;
  readonly version?: number;
  readonly code?: string;
  readonly errors?: readonly { readonly path: string }[];
}

/** @param reply null: no answer came */
export function answeredEntry(
  asked: AskedEntry,
  about: Pick<HistoryEntry, 'process' | 'centre' | 'start' | 'end'> & { readonly body?: unknown },
  reply: Reply | null,
): HistoryEntry {
  const { body: askedBody, ...times } = about;
  const nothing = { version: null, durability: null, freshness: null, source: null };
  if (reply === null) return { ...asked, ...times, ...nothing, status: 'timeout' };
  const { receipt, memberId, version, code, errors } = (reply.body ?? {}) as AnswerBody;
  const freshness = freshnessIn(reply);
  const isRead = asked.op === 'get' || asked.op === 'lookup';
  const found = isRead ? { memberId, version } : receipt;
  return {
    ...asked,
    ...times,
    memberId: asked.memberId ?? found?.memberId ?? null,
    status: reply.status,
    version: found?.version ?? null,
    durability: receipt?.durability ?? null,
    freshness: freshness?.kind ?? null,
    source: isRead ? String(reply.headers['x-source'] ?? '') || null : null,
    ...(freshness?.kind === 'bounded' && { ageMs: freshness.ageMs }),
    ...(code !== undefined && { code }),
    ...(code === 'identifier-bound' && {
      fields: (errors ?? []).map(({ path }) => fieldAt(path, askedBody)),
    }),
  };
}

/** `/phone` is the phone; `/accounts/0` the account that stands there in the body. */
function fieldAt(path: string, body: unknown): string {
  const [, name = '', index] = path.split('/');
  const { account, accounts } = (body ?? {}) as {
    readonly account?: Account;
    readonly accounts?: readonly Account[];
  };
  if (name === 'accounts') return `account:${accounts?.[Number(index)]?.platform}`;
  return name === 'account' ? `account:${account?.platform}` : name;
}

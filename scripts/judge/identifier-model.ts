/** An identifier as an object of its own: who holds it, one after the other (I1). */
import type { HistoryIdentifier } from './history.ts';
import type { Operation } from './linearize.ts';
import type { Request } from './requests.ts';

interface OwnerState {
  /** `?`: not known. `?n`: the member of a registration that was never acknowledged. Null: nobody. */
  readonly owner: string | null;
  /** Of the last change, at the least. */
  readonly version: number;
}

const same = (one: HistoryIdentifier, other: HistoryIdentifier): boolean =>
  one.kind === other.kind && one.hash === other.hash;

/**
 * @param requests all that can matter: those that name it, and all of the members of those
 * @param isFromEmpty whether nobody held anything before the history
 */
export function identifierModel(
  identifier: HistoryIdentifier,
  requests: readonly Request[],
  isFromEmpty: boolean,
): { readonly operations: readonly Operation<OwnerState>[]; readonly initial: readonly OwnerState[] } {
  const takes = requests.filter(
    (request) => request.kind !== 'refused' && request.takes.some((one) => same(one, identifier)),
  );
  const takers = new Set(takes.map(({ memberId }) => memberId));
  const registered = new Set(
    requests.filter(({ op, kind }) => op === 'register' && kind === 'done').map(({ memberId }) => memberId),
  );
  /** Whether an unbinding or cancelling member may be one whose registration, of this identifier, nobody saw succeed. */
  const isNameless = (memberId: string | null): boolean => takers.has(null) && !registered.has(memberId);
  const frees = requests.filter(
    ({ kind, op, memberId, field }) =>
      kind !== 'refused' &&
      (op === 'cancel' || (op === 'unbind' && field === identifier.kind)) &&
      (takers.has(memberId) || isNameless(memberId)),
  );
  const refused = requests.filter((request) => isSeenBound(request, identifier, requests));

  const base = ({ start, end, kind, version }: Request) => ({
    start,
    end,
    isOptional: kind === 'unknown',
    rank: version ?? Number.POSITIVE_INFINITY,
  });
  const operations: Operation<OwnerState>[] = [
    ...takes.map((request, index) => ({
      ...base(request),
      next: ({ owner, version }: OwnerState): readonly OwnerState[] => {
        if ((owner !== null && owner !== '?') || (request.version ?? version + 1) <= version) return [];
        return [{ owner: request.memberId ?? `?${index}`, version: request.version ?? version + 1 }];
      },
    })),
    ...frees.map((request) => ({
      ...base(request),
      next: (state: OwnerState): readonly OwnerState[] => {
        const { owner, version } = state;
        const isNewer = (request.version ?? version + 1) > version;
        const freed = isNewer ? [{ owner: null, version: request.version ?? version + 1 }] : [];
        if (owner === request.memberId) return freed;
        const mayBe = owner === '?' || (owner?.startsWith('?') && isNameless(request.memberId));
        return mayBe ? [state, ...freed] : [state];
      },
    })),
    ...refused.map((request) => ({
      ...base(request),
      next: (state: OwnerState): readonly OwnerState[] => (state.owner === null ? [] : [state]),
    })),
  ];
  return { operations, initial: [{ owner: isFromEmpty ? null : '?', version: 0 }] };
}

/** Whether a refusal says that somebody holds the identifier. A binding may be refused for its own member's field, too. */
function isSeenBound(request: Request, identifier: HistoryIdentifier, all: readonly Request[]): boolean {
  const { kind, op, code, fields, takes, memberId } = request;
  if (kind !== 'refused' || code !== 'identifier-bound' || !fields.includes(identifier.kind)) return false;
  if (!takes.some((one) => same(one, identifier))) return false;
  if (op === 'register') return true;
  const mayHoldAnother = all.some(
    (other) =>
      other.kind !== 'refused' &&
      (other.memberId === memberId || other.memberId === null) &&
      other.takes.some((one) => one.kind === identifier.kind && one.hash !== identifier.hash),
  );
  return !mayHoldAnother;
}

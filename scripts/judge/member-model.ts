/** A member as an object of its own: which orders of its writes are possible. */
import type { Operation } from './linearize.ts';
import type { Request } from './requests.ts';

interface MemberState {
  readonly status: 'absent' | 'active' | 'cancelled';
  /** The version, or (if not exact) what it is above. */
  readonly version: number;
  readonly isExact: boolean;
  /** By field; what is not there is empty, or (if the member was there before the history) not known. */
  readonly held: Readonly<Record<string, string | null>>;
}

/**
 * @param mine what is about this member, and registrations that nobody knows the outcome of
 * @param isKnown whether the history has its registration; else it was there before
 */
export function memberModel(
  mine: readonly Request[],
  isKnown: boolean,
): { readonly operations: readonly Operation<MemberState>[]; readonly initial: readonly MemberState[] } {
  const isVersionNamed = mine.some(({ ifMatch }) => ifMatch !== null);
  const initial: MemberState = {
    status: isKnown ? 'absent' : 'active',
    version: 0,
    isExact: false,
    held: {},
  };
  const operations = mine
    // An update that may have happened changes nothing but the version, which only `If-Match` sees.
    .filter(({ kind, op }) => kind !== 'unknown' || op !== 'update' || isVersionNamed)
    .map(
      (request): Operation<MemberState> => ({
        start: request.start,
        end: request.end,
        isOptional: request.kind === 'unknown',
        rank: request.version ?? Number.POSITIVE_INFINITY,
        next: (state) =>
          request.kind === 'refused' ? seen(request, state, isKnown) : changed(request, state, isKnown),
      }),
    );
  return { operations, initial: [initial] };
}

const hasNothing = ({ held }: MemberState, field: string, isKnown: boolean): boolean | null =>
  field in held ? held[field] === null : isKnown ? true : null;

/** What a refusal says of the state: it stays, or the refusal is not possible in it. */
function seen(
  { code, field, ifMatch }: Request,
  state: MemberState,
  isKnown: boolean,
): readonly MemberState[] {
  switch (code) {
    case 'no-such-member':
      return state.status === 'active' ? [] : [state];
    case 'not-bound':
      return state.status === 'active' && hasNothing(state, field ?? '', isKnown) !== false ? [state] : [];
    case 'version-conflict':
      return state.status === 'active' && !(state.isExact && state.version === ifMatch) ? [state] : [];
    default:
      return [state];
  }
}

function changed(request: Request, state: MemberState, isKnown: boolean): readonly MemberState[] {
  const { op, version, takes, field, ifMatch } = request;
  if (version !== null && version <= state.version) return [];
  const at = { version: version ?? state.version + 1, isExact: version !== null };
  if (op === 'register') {
    if (state.status !== 'absent') return [];
    return [
      { ...at, status: 'active', held: Object.fromEntries(takes.map(({ kind, hash }) => [kind, hash])) },
    ];
  }
  // Sealed or keyed anew: a tombstone is, too.
  if (request.entry.input?.refresh && state.status !== 'absent') return [{ ...state, ...at }];
  if (state.status !== 'active') return [];
  if (ifMatch !== null && (state.isExact ? state.version !== ifMatch : state.version > ifMatch)) return [];
  switch (op) {
    case 'bind': {
      const [taken] = takes;
      if (!taken || hasNothing(state, taken.kind, isKnown) === false) return [];
      return [{ ...state, ...at, held: { ...state.held, [taken.kind]: taken.hash } }];
    }
    case 'unbind':
      if (hasNothing(state, field ?? '', isKnown) === true) return [];
      return [{ ...state, ...at, held: { ...state.held, [field ?? '']: null } }];
    case 'cancel':
      return [{ ...at, status: 'cancelled', held: {} }];
    default:
      return [{ ...state, ...at }];
  }
}

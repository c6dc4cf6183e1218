/**
 * Judges a history: whether a service that keeps I1, I2, I4 and I8 can have answered so, by nothing but what its clients saw.
 *
 * Writes must be linearizable. That is decided for each member and each identifier by itself, which can only overlook
 * something (a history as a whole can be impossible though each of its objects is not), never accuse wrongly: any order of
 * the whole is an order of each part. The versions in the receipts tie the parts together: they must grow along each.
 */
import type { HistoryEntry, HistoryIdentifier } from './history.ts';
import { identifierModel } from './identifier-model.ts';
import { type Linearized, linearize, type Operation } from './linearize.ts';
import { memberModel } from './member-model.ts';
import { judgeRead, type Writes } from './reads.ts';
import { type Request, requestsOf } from './requests.ts';
import { type Fault, fault, type Verdict } from './verdict.ts';

const nameOf = ({ kind, hash }: HistoryIdentifier): string => `${kind} ${hash}`;

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** @param options.isFromEmpty whether the service was empty before; else members the history does not register may be there */
export function judge(history: readonly HistoryEntry[], options: { readonly isFromEmpty: boolean }): Verdict {
  const { isFromEmpty } = options;
  const { requests, faults: received } = requestsOf(history);
  const faults: Fault[] = [...received];
  const undecided: string[] = [];
  let linearized = 0;

  const byMember = new Map<string, Request[]>();
  const takes = new Map<string, Request[]>();
  const named = new Map<string, Request[]>();
  const identifiers = new Map<string, HistoryIdentifier>();
  const nameless: Request[] = [];
  for (const request of requests) {
    if (request.memberId !== null) add(byMember, request.memberId, request);
    else if (request.kind === 'unknown') nameless.push(request);
    for (const identifier of request.takes) {
      if (request.kind !== 'refused') add(takes, nameOf(identifier), request);
      add(named, nameOf(identifier), request);
      identifiers.set(nameOf(identifier), identifier);
    }
  }
  const isRegistered = (memberId: string): boolean =>
    byMember.get(memberId)?.some(({ op, kind }) => op === 'register' && kind === 'done') ?? false;

  function conclude<State>(
    name: string,
    check: Pick<Fault, 'invariant' | 'check'>,
    model: { operations: readonly Operation<State>[]; initial: readonly State[] },
    entryOf: (operation: Operation<State> | undefined) => HistoryEntry | undefined,
  ): void {
    const found: Linearized = linearize(model.operations, model.initial);
    if (found.kind === 'yes') linearized++;
    if (found.kind === 'undecided') undecided.push(name);
    if (found.kind !== 'no') return;
    const stuck = entryOf(model.operations[found.stuck]);
    const what = stuck
      ? `${stuck.op} of ${stuck.process} (${stuck.input?.key ?? 'no key'})`
      : 'what was seen';
    const message = `no order of the writes of ${name} explains ${what}, answered ${stuck?.status} at ${stuck?.version}`;
    faults.push(fault(check.invariant, check.check, message, stuck ? [stuck] : []));
  }
  const entryAt =
    (among: readonly Request[]) =>
    (operation: { readonly start: number; readonly end: number } | undefined): HistoryEntry | undefined =>
      among.find(({ start, end }) => start === operation?.start && end === operation.end)?.entry;

  for (const [memberId, mine] of byMember) {
    const isKnown = isRegistered(memberId);
    const all = isKnown ? mine : [...mine, ...nameless];
    const model = memberModel(all, isKnown || isFromEmpty);
    conclude(memberId, { invariant: 'I3', check: 'membersAreLinearizable' }, model, entryAt(all));
  }
  for (const [name, identifier] of identifiers) {
    const mine = concerning(named.get(name) ?? []);
    const model = identifierModel(identifier, mine, isFromEmpty);
    conclude(name, { invariant: 'I1', check: 'identifiersAreLinearizable' }, model, entryAt(mine));
  }

  /** All that can matter to an identifier: what names it, and what was done for whoever did. Most of a history does not. */
  function concerning(naming: readonly Request[]): readonly Request[] {
    if (naming.some(({ memberId, kind }) => memberId === null && kind !== 'refused')) return requests;
    const members = new Set(naming.flatMap(({ memberId }) => memberId ?? []));
    const theirs = [...members].flatMap((memberId) => byMember.get(memberId) ?? []);
    return [...new Set([...naming, ...theirs, ...nameless])];
  }

  const writes: Writes = {
    of: (memberId) => (byMember.get(memberId) ?? []).filter(({ kind }) => kind !== 'refused'),
    nameless,
    takesOf: (identifier) => takes.get(nameOf(identifier)) ?? [],
    isKnown: isRegistered,
    isFromEmpty,
  };
  const reads = history.filter(({ op }) => op === 'get' || op === 'lookup');
  for (const read of reads) {
    const wrong = judgeRead(writes, read);
    if (wrong) faults.push(wrong);
  }
  return { faults, writes: requests.length, reads: reads.length, linearized, undecided };
}

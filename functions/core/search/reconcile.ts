/**
 * Comparing a search cluster with the database, some slots at a time, and mending what differs.
 *
 * Digests say which parts differ, and lists which ids. Then each is looked at: first its document, then its row at the
 * writer. In that order, since a document is put only after its commit: what a row that was read later does not have was
 * never committed here. Documents are mended by versions: what comes meanwhile is newer, and stays.
 *
 *   document absent, older, or otherwise at the same version -> written as the row says
 *   document newer than its row                              -> the member is touched: see `touch.ts`
 *   no row at all, or a version of an epoch that never was    -> the document goes
 *
 * An identifier's document that is newer than its row is written over at its own version, with what the row says, if it is
 * of an older epoch: every later change of the identifier is of this or a newer one. One of this epoch is right, and its row
 * about to follow: what is let go stays bound there until the other centre's journal knows (`propagation/settling.ts`).
 *
 * What differs because its change is still on its way (its outbox row stands, and with it the fence) is mended too, but is
 * no difference to be counted: every cluster lags by that.
 */
import { epochOf } from '../failover/epoch.ts';
import type { Deadline } from '../kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../kernel/invariant.ts';
import type { StoredMember } from '../member/member.ts';
import type { IdentifierEntry, MemberSource, Told } from '../member/ports.ts';
import type { Touch } from '../member/touch.ts';
import { type DigestKind, type DigestSource, differingIds, differingParts } from '../propagation/digests.ts';
import type { Outbox } from '../propagation/ports.ts';
import type { Sharding } from '../sharding/sharding.ts';
import type { Damaged, Mending, SearchUpkeep } from './ports.ts';
import { type IdentifierDocument, type MemberDocument, sameDocument } from './search.ts';

export interface ReconcilePorts {
  /** The writers. */
  readonly database: DigestSource;
  readonly writer: MemberSource;
  readonly outbox: Pick<Outbox, 'existing'>;
  readonly sharding: Pick<Sharding, 'clusterOf'>;
  readonly touch: Touch;
}

/** What was found in some slots. */
export interface Findings {
  /** Ids whose document is not what the database says, though no change of theirs is on its way. */
  readonly differing: number;
  readonly mended: number;
  readonly touched: number;
  /** Ids of which it is not known: they are looked at again. */
  readonly failed: number;
}

export const nothingFound: Findings = { differing: 0, mended: 0, touched: 0, failed: 0 };

export const together = (one: Findings, other: Findings): Findings => ({
  differing: one.differing + other.differing,
  mended: one.mended + other.mended,
  touched: one.touched + other.touched,
  failed: one.failed + other.failed,
});

/** How many documents are looked at, or mended, at once. */
const idsMax = 500;
/** How many members are touched one after another before the rest is left to the next time. */
const touchesMax = 50;

/**
 * @returns `stale-epoch`: the cluster takes nothing of this epoch (any more)
 * @throws DependencyUnavailable when the cluster or a writer does not answer
 */
export type Reconcile = (
  cluster: SearchUpkeep,
  epoch: number,
  slots: readonly number[],
  deadline: Deadline,
) => Promise<Findings | 'stale-epoch'>;

/** What is to be done about one id. `change`: the one by which it is what it is, if it is still on its way. */
type Verdict =
  | { readonly kind: 'equal' | 'unknown' }
  | {
      readonly kind: 'mend';
      readonly mending: Mending;
      readonly change?: Change;
      readonly isListed?: boolean;
    }
  | { readonly kind: 'touch'; readonly memberId: string; readonly above: number };

interface Change {
  readonly memberId: string;
  readonly version: number;
}

export function makeReconcile(ports: ReconcilePorts): Reconcile {
  const { database, writer, outbox, sharding, touch } = ports;

  const judge: Readonly<
    Record<
      DigestKind,
      (
        cluster: SearchUpkeep,
        ids: readonly string[],
        epoch: number,
        deadline: Deadline,
      ) => Promise<readonly Verdict[]>
    >
  > = {
    async members(cluster, ids, epoch, deadline) {
      const documents = await cluster.memberDocuments(ids, deadline);
      const rows = await writer.members(ids, deadline);
      return ids.map((id, at) => judgeMember(id, documents[at] ?? null, rows[at] ?? null, epoch));
    },
    async identifiers(cluster, ids, epoch, deadline) {
      const documents = await cluster.identifierDocuments(ids, deadline);
      const rows = await writer.identifiers(ids, deadline);
      return ids.map((id, at) => judgeIdentifier(id, documents[at] ?? null, rows[at] ?? null, epoch));
    },
  };

  /** Of these changes, those that have an outbox row. */
  const onTheirWay = async (changes: readonly Change[], deadline: Deadline): Promise<ReadonlySet<string>> => {
    const found = await Promise.all(
      [...new Set(changes.map(({ memberId }) => sharding.clusterOf(memberId)))].map((name) =>
        outbox.existing(
          name,
          changes.filter(({ memberId }) => sharding.clusterOf(memberId) === name),
          deadline,
        ),
      ),
    );
    return new Set(found.flat().map(nameOf));
  };

  const settle = async (
    cluster: SearchUpkeep,
    epoch: number,
    verdicts: readonly Verdict[],
    deadline: Deadline,
  ): Promise<Findings | 'stale-epoch'> => {
    const mends = verdicts.filter((verdict) => verdict.kind === 'mend');
    const touches = verdicts.filter((verdict) => verdict.kind === 'touch');
    const changes = mends.flatMap(({ change }) => change ?? []);
    // Before anything is mended: afterwards the row of a change that was on its way may have gone.
    const underWay = changes.length > 0 ? await onTheirWay(changes, deadline) : new Set<string>();
    const done = await cluster.mend(
      mends.map(({ mending }) => mending),
      epoch,
      deadline,
    );
    if (done === 'stale-epoch') return done;
    const counted = mends.filter(
      ({ change, isListed }) => !isListed && !(change && underWay.has(nameOf(change))),
    );
    let touched = 0;
    for (const { memberId, above } of touches.slice(0, touchesMax)) {
      if (await orNull(touch(memberId, above, deadline))) touched++;
    }
    const unknown = verdicts.filter(({ kind }) => kind === 'unknown').length;
    return {
      differing: counted.length + touches.length,
      mended: counted.length,
      touched,
      failed: unknown + touches.length - touched,
    };
  };

  return async (cluster, epoch, slots, deadline) => {
    let found = nothingFound;
    // Members first: an identifier's document is believed only with its member's.
    for (const kind of ['members', 'identifiers'] as const) {
      const parts = await differingParts(database, cluster, kind, slots, deadline);
      const ids = await differingIds(database, cluster, kind, parts, deadline);
      for (let from = 0; from < ids.length; from += idsMax) {
        const verdicts = await judge[kind](cluster, ids.slice(from, from + idsMax), epoch, deadline);
        const settled = await settle(cluster, epoch, verdicts, deadline);
        if (settled === 'stale-epoch') return settled;
        found = together(found, settled);
      }
    }
    return found;
  };
}

const nameOf = ({ memberId, version }: Change): string => `${memberId}@${version}`;

function judgeMember(
  id: string,
  document: MemberDocument | Damaged | null,
  row: Told<StoredMember>,
  epoch: number,
): Verdict {
  if (row instanceof DependencyUnavailable) return { kind: 'unknown' };
  if (document === null && row === null) return { kind: 'equal' };
  if (document && (row === null || epochOf(document.version) > epoch))
    return { kind: 'mend', mending: { index: 'members', id, gone: { version: document.version } } };
  if (row === null) return { kind: 'equal' };
  const { memberId, version, status, sealed } = row;
  if (document && document.version > version) return { kind: 'touch', memberId, above: document.version };
  const wanted = { format: 1, memberId, version, status, sealed } as const;
  return {
    kind: 'mend',
    mending: { index: 'members', id, document: wanted },
    change: row,
    // Equal, and not listed as that: not refreshed yet, or written by code without digests. Writing it again lists it.
    isListed: sameDocument(document, wanted),
  };
}

function judgeIdentifier(
  id: string,
  document: IdentifierDocument | Damaged | null,
  row: Told<IdentifierEntry>,
  epoch: number,
): Verdict {
  if (row instanceof DependencyUnavailable) return { kind: 'unknown' };
  const index = 'identifiers';
  if (row === null) {
    if (document === null || document.state === 'free') return { kind: 'equal' };
    return { kind: 'mend', mending: { index, id, gone: { version: document.version } } };
  }
  const isAhead = document && document.version > row.version && epochOf(document.version) === epoch;
  if (isAhead && document.state !== 'damaged') return { kind: 'equal' };
  if (row.state === 'claimed') {
    // Whoever made the claim commits and puts, or somebody else will take it over: until then nobody holds it.
    if (document === null || document.state === 'free') return { kind: 'equal' };
    if (document.state === 'bound' && document.token === row.token) return { kind: 'equal' };
    const { version } = document;
    return { kind: 'mend', mending: { index, id, document: { format: 1, state: 'free', version } } };
  }
  const { memberId, token } = row;
  if (row.state === 'free') {
    if (document === null || document.state === 'free') return { kind: 'equal' };
    const version = Math.max(row.version, document.version);
    return {
      kind: 'mend',
      mending: { index, id, document: { format: 1, state: 'free', version } },
      change: row,
    };
  }
  const version = Math.max(row.version, document?.version ?? 0);
  const wanted = { format: 1, state: 'bound', memberId, token, version } as const;
  return {
    kind: 'mend',
    mending: { index, id, document: wanted },
    change: row,
    isListed: sameDocument(document, wanted),
  };
}

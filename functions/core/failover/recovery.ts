/**
 * Carrying out what an ended epoch left, before the next one opens: everything that the promoted centre's journal and the
 * replicated outboxes say, at servers that are closed to the old epoch already.
 *
 *   journal entry, commit not there   -> the ledger, then its registration record, its directory rows, its commit
 *   journal entry, commit there       -> its registration record and directory rows: they may live in another database cluster
 *   outbox row                        -> the same: nobody else knows of a change that was never acknowledged
 *
 * Directory rows are those of the change *and* of every identifier that the member holds after it: an older change of
 * the member, which bound one, may be lost. What the member held before and does not hold after is freed. All of it goes
 * by version, so entries may come in any order and any number of times. The commit comes last: until it is there, a
 * repeat begins anew.
 */
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { invariant } from '../kernel/invariant.ts';
import type { Sealer } from '../member/ports.ts';
import type { MemberEvent } from '../propagation/event.ts';
import type { Journal, Outbox } from '../propagation/ports.ts';
import { type Sinks, sinksOf } from '../propagation/propagate.ts';
import type { Ledger, PlacedRow, RecoveryStore, RegisteredEpoch } from './ports.ts';

export interface RecoveryPorts {
  readonly recovery: RecoveryStore;
  readonly outbox: Pick<Outbox, 'due'>;
  /** Of the centre that is promoted. */
  readonly journal: Pick<Journal, 'page'>;
  readonly ledger: Pick<Ledger, 'record'>;
  readonly sinks: Sinks;
  readonly sealer: Pick<Sealer, 'open'>;
  readonly clock: Clock;
}

/** Another promotion has begun meanwhile: nothing of this one counts any more. */
export class Overtaken extends Error {
  readonly code = 'overtaken';
}

const pageRows = 200;
const placedMax = 1_000;
/** Of one call: an answer that is lost must not hold up a promotion. */
const callMs = 5_000;

/** @returns how many commits were taken from the journal. @throws Overtaken */
export type Recover = (
  databaseCluster: string,
  epoch: RegisteredEpoch,
  deadline: Deadline,
) => Promise<number>;

export function makeRecovery(ports: RecoveryPorts): Recover {
  const { recovery, outbox, journal, ledger, sinks, sealer, clock } = ports;
  const share = (deadline: Deadline): Deadline => within(clock, deadline, callMs);

  const done = (outcome: 'done' | 'older-epoch'): void => {
    if (outcome === 'older-epoch') throw new Overtaken('a newer epoch has begun');
  };

  /** What the member held there and does not hold after the change: freed by a change that is lost, or by this one. */
  const freedBy = async (event: MemberEvent, deadline: Deadline): Promise<readonly PlacedRow[]> => {
    const before = await recovery.member(event.memberId, share(deadline));
    if (before === null || before.version >= event.version) return [];
    const { memberId, version, identifiers } = event;
    return sealer
      .open(before)
      .holdings.filter(({ key }) => !identifiers.some((held) => held.key === key))
      .map(({ key, token }) => ({ key, token, state: 'free', memberId, version }));
  };

  /** Registration records and directory rows of changes, before any of their commits. */
  const settle = async (
    epoch: RegisteredEpoch,
    events: readonly MemberEvent[],
    freed: readonly PlacedRow[],
    deadline: Deadline,
  ): Promise<void> => {
    const records = events
      .filter(({ history }) => history.operation === 'register')
      .map(({ memberId, idempotency: { caller, key, requestHash } }) => ({
        ...{ caller, key, requestHash, memberId },
      }));
    if (records.length > 0) done(await recovery.register(epoch, records, share(deadline)));
    const rows = [...events.flatMap(placedBy), ...freed];
    for (let from = 0; from < rows.length; from += placedMax) {
      done(await recovery.place(epoch, rows.slice(from, from + placedMax), share(deadline)));
    }
  };

  const fromJournal: Recover = async (databaseCluster, epoch, deadline) => {
    let taken = 0;
    for (let after = 0; ; ) {
      const entries = await journal.page(databaseCluster, after, pageRows, share(deadline));
      const last = entries.at(-1);
      if (!last) return taken;
      after = last.number;
      const events = entries.map(({ event }) => event);
      const missing = await recovery.missing(databaseCluster, events, share(deadline));
      await ledger.record(
        missing.map((event) => ({ epoch: epoch.epoch, databaseCluster, kind: 'from-journal', event })),
        share(deadline),
      );
      const freed: PlacedRow[] = [];
      for (const event of missing) freed.push(...(await freedBy(event, deadline)));
      await settle(epoch, events, freed, deadline);
      for (const event of missing) {
        invariant(event.epoch < epoch.epoch, 'the journal takes nothing of an epoch before it opens');
        const all = sinksOf(sinks, databaseCluster, event);
        done(await recovery.carryOut(databaseCluster, epoch, event, all, share(deadline)));
      }
      taken += missing.length;
    }
  };

  const fromOutbox = async (
    databaseCluster: string,
    epoch: RegisteredEpoch,
    deadline: Deadline,
  ): Promise<void> => {
    for (let after = 0; ; ) {
      const rows = await outbox.due(databaseCluster, 0, after, pageRows, share(deadline));
      const last = rows.at(-1);
      if (!last) return;
      after = last.sequence;
      await settle(
        epoch,
        rows.map(({ event }) => event),
        [],
        deadline,
      );
    }
  };

  return async (databaseCluster, epoch, deadline) => {
    const taken = await fromJournal(databaseCluster, epoch, deadline);
    await fromOutbox(databaseCluster, epoch, deadline);
    return taken;
  };
}

/** Where a change leaves the identifiers that it changed, and those that the member holds after it. */
function placedBy({ memberId, version, directory, identifiers }: MemberEvent): readonly PlacedRow[] {
  const held = identifiers.map(({ key, token }) => ({ key, token, state: 'bound' as const }));
  const freed = directory.filter(({ to }) => to === 'free');
  return [...held, ...freed.map(({ key, token }) => ({ key, token, state: 'free' as const }))].map((row) => ({
    ...row,
    memberId,
    version,
  }));
}

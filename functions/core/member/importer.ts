/**
 * Registering many members at once, with all that a registration promises. A batch goes the line that every write goes
 * (`write-flow.ts`), each step for all of its members together:
 *
 *   begin the registrations -> claim all identifiers -> commit, a database cluster at a time -> propagate
 *
 * Whoever cannot go along (a request that was begun before, an identifier that somebody has, a batch that the server
 * refuses) is registered alone, the way that every other registration goes: there it is found out what became of it, and
 * only there. So a batch that is repeated, after whatever end of the first one, finishes it and does nothing twice.
 *
 * Of two members with an identifier in common the one that comes first is decided first.
 */
import type { MembersClaim } from '../directory/ports.ts';
import { claimMs, writeDeadlineMs } from '../failover/durations.ts';
import { nextVersion } from '../failover/epoch.ts';
import { type Deadline, deadlineAfter } from '../kernel/clock.ts';
import { DependencyUnavailable, invariant, orNull } from '../kernel/invariant.ts';
import { sinksOf } from '../propagation/propagate.ts';
import { makePropagateMany } from '../propagation/propagate-many.ts';
import { eventOf } from './event-of.ts';
import { decideRegister, type Member } from './member.ts';
import type { WriteOutcome, WriteRequest } from './outcomes.ts';
import type { Commit } from './ports.ts';
import { unavailable, wantedOf } from './write-flow.ts';
import { type MemberWriterPorts, makeMemberWriter, type RegisterInput } from './writer.ts';

export interface ImportEntry {
  readonly input: RegisterInput;
  readonly request: WriteRequest;
}

/** `unanswered`: a part did not answer, and it is not known what became of the request. It may be sent again. */
export type ImportOutcome = WriteOutcome | { readonly kind: 'unanswered'; readonly part: string };

/**
 * Registers the members, and answers for each in the order of `entries`. At most {@link importBatchMax} of them, each
 * under an idempotency key of its own.
 */
export type MemberImporter = (entries: readonly ImportEntry[]) => Promise<readonly ImportOutcome[]>;

const importBatchMax = 1_000;

/** Nobody waits for a batch; but its claims should outlast it, or others may void them and it is all done again. */
const batchDeadlineMs = claimMs - 1_000;
const aloneAtOnce = 8;

/** One of the batch on its way: with its identifiers under all their directory keys. */
interface Candidate {
  readonly index: number;
  readonly entry: ImportEntry;
  readonly wanted: ReturnType<typeof wantedOf>;
}

/** With its member's id, and the epoch that its registration was begun in. */
interface Begun extends Candidate {
  readonly memberId: string;
  readonly epoch: number;
}

interface Claimed extends Begun {
  readonly claims: readonly (MembersClaim & { readonly version: number })[];
}

/** Where one batch stands. */
interface Batch {
  readonly deadline: Deadline;
  readonly outcomes: (ImportOutcome | undefined)[];
  /** Those who have to go alone. */
  readonly alone: Candidate[];
}

export function makeMemberImporter(ports: MemberWriterPorts): MemberImporter {
  const { registrations, directory, members, centreState, sharding, hasher, sealer, ids, clock, sinks } =
    ports;
  const writer = makeMemberWriter(ports);
  const propagate = makePropagateMany(ports);

  const begin = async (candidates: readonly Candidate[], batch: Batch): Promise<readonly Begun[]> => {
    const records = candidates.map(({ entry: { request } }) => ({
      caller: request.caller,
      key: request.idempotencyKey,
      requestHash: request.requestHash,
      memberId: ids.memberId(),
    }));
    const answer = await registrations.beginMany(records, batch.deadline);
    if (answer.kind === 'not-the-writer') return given(batch, candidates, unavailable('not-the-writer'));
    return candidates.flatMap((candidate, index): Begun[] => {
      const { memberId, epoch } = answer.begun[index] ?? { memberId: '', epoch: 0 };
      // Its own fresh id: nobody has begun this before, so there is no such member and no earlier receipt.
      if (memberId === records[index]?.memberId) return [{ ...candidate, memberId, epoch }];
      batch.alone.push(candidate);
      return [];
    });
  };

  const release = async (claims: readonly MembersClaim[], deadline: Deadline): Promise<void> => {
    if (claims.length === 0) return;
    const changes = claims.map(({ key, token }) => ({ key, token, to: 'free' as const }));
    await orNull(directory.settle(changes, null, deadline));
  };

  const claim = async (begun: readonly Begun[], batch: Batch): Promise<readonly Claimed[]> => {
    if (begun.length === 0) return [];
    const wanted = begun.map((one) => ({
      ...one,
      claims: one.wanted.map(({ key }) => ({ key, token: ids.token(), memberId: one.memberId })),
    }));
    const all = wanted.flatMap(({ claims }) => claims);
    const answer = await directory.claimMany(all, claimMs, batch.deadline).catch(async (error) => {
      await release(all, batch.deadline);
      throw error;
    });
    if (answer.kind === 'not-the-writer') return given(batch, begun, unavailable('not-the-writer'));
    const rows = new Map(answer.rows.flatMap((row) => (row ? [[row.key, row]] : [])));
    const claimed: Claimed[] = [];
    const lost: MembersClaim[] = [];
    for (const one of wanted) {
      const claims = one.claims.flatMap((made) => {
        const row = rows.get(made.key);
        return row?.token === made.token ? [{ ...made, version: row.version }] : [];
      });
      if (claims.length === one.claims.length) claimed.push({ ...one, claims });
      else {
        lost.push(...claims);
        batch.alone.push(one);
      }
    }
    await release(lost, batch.deadline);
    return claimed;
  };

  const commitOf = (one: Claimed, databaseCluster: string): Commit & { readonly member: Member } => {
    const { entry, memberId, epoch, claims } = one;
    const holdings = one.wanted.map((wanted, index) => ({ ...wanted, token: claims[index]?.token ?? '' }));
    const nowIso = new Date(clock.nowMs()).toISOString();
    const change = decideRegister(memberId, entry.input.name, holdings, nowIso);
    const version = nextVersion(
      epoch,
      claims.map((made) => made.version),
    );
    const member: Member = { ...change.after, version };
    const event = eventOf(change, member, sealer.seal(member), epoch, nowIso, entry.request);
    return {
      member,
      expectedVersion: null,
      event,
      tokens: claims.map(({ token }) => token),
      sinks: sinksOf(sinks, databaseCluster, event),
    };
  };

  /** Commits and propagates those whose members live in one database cluster. */
  const carryOut = async (
    databaseCluster: string,
    claimed: readonly Claimed[],
    batch: Batch,
  ): Promise<void> => {
    const { deadline, outcomes } = batch;
    const epoch = claimed[0]?.epoch ?? 0;
    const commits = claimed.map((one) => commitOf(one, databaseCluster));
    const committed = await members.commitMany(commits, deadline);
    if (committed.kind === 'lease-ended') return void given(batch, claimed, unavailable('no-receipt'));
    if (committed.kind !== 'committed') {
      await release(
        claimed.flatMap(({ claims }) => claims),
        deadline,
      );
      if (committed.kind === 'refused') batch.alone.push(...claimed);
      else given(batch, claimed, unavailable('not-the-writer'));
      return;
    }
    const rows = commits.map(({ event }, index) => ({ event, sequence: committed.sequences[index] ?? 0 }));
    const topology = await centreState.current(deadline);
    const done = await propagate(
      { databaseCluster, rows, writer: { epoch, centre: topology.writer } },
      deadline,
    );
    if (done.kind === 'no-receipt') return void given(batch, claimed, unavailable('no-receipt'));
    for (const [index, { member, event }] of commits.entries()) {
      const receipt = { ...event.idempotency.receipt, durability: done.durability };
      outcomes[claimed[index]?.index ?? -1] = { kind: 'done', member, receipt };
    }
  };

  const registerAlone = async ({ entry, index }: Candidate, { outcomes }: Batch): Promise<void> => {
    const deadline = deadlineAfter(clock, writeDeadlineMs);
    outcomes[index] = await answered(writer.register(entry.input, entry.request, deadline));
  };

  return async (entries) => {
    invariant(entries.length <= importBatchMax, `${entries.length} members in a batch`);
    const batch: Batch = {
      deadline: deadlineAfter(clock, batchDeadlineMs),
      outcomes: entries.map(() => undefined),
      alone: [],
    };
    const candidates = entries.map(
      (entry, index): Candidate => ({
        index,
        entry,
        wanted: wantedOf(hasher, entry.input.identifiers),
      }),
    );
    const { first, later } = bySharedKeys(candidates);

    const claimed = await unlessAway(batch, first, async () => {
      // As before every other write: who the writer is must be known as of now.
      await centreState.refresh(batch.deadline);
      return claim(await begin(first, batch), batch);
    });
    const groups = new Map<string, Claimed[]>();
    for (const one of claimed ?? []) {
      // Of one epoch too: a promotion may come between.
      const group = `${sharding.clusterOf(one.memberId)} ${one.epoch}`;
      groups.set(group, [...(groups.get(group) ?? []), one]);
    }
    await Promise.all(
      [...groups].map(([group, mine]) =>
        unlessAway(batch, mine, () => carryOut(group.split(' ')[0] ?? '', mine, batch)),
      ),
    );

    const waiting = batch.alone.toSorted((one, other) => one.index - other.index).values();
    await Promise.all(
      Array.from({ length: aloneAtOnce }, async () => {
        for (const candidate of waiting) {
          // What is away for some is away for all: they come again together.
          if (batch.outcomes.some(isAway)) batch.outcomes[candidate.index] = unavailable('contended');
          else await registerAlone(candidate, batch);
        }
      }),
    );
    for (const candidate of later) {
      // While it is not known who has an identifier, nobody behind may overtake.
      if (batch.outcomes.some((outcome) => outcome && !isDecided(outcome))) {
        batch.outcomes[candidate.index] = unavailable('contended');
      } else await registerAlone(candidate, batch);
    }
    return batch.outcomes.map((outcome) => {
      invariant(outcome, 'one of a batch was forgotten');
      return outcome;
    });
  };
}

/** Whether a request has come to its end: done, or refused for good. Otherwise it may be sent again. */
export function isDecided(
  outcome: ImportOutcome,
): outcome is Exclude<ImportOutcome, { kind: 'unavailable' | 'unanswered' }> {
  return outcome.kind !== 'unavailable' && outcome.kind !== 'unanswered';
}

const isAway = (outcome: ImportOutcome | undefined): boolean =>
  outcome?.kind === 'unanswered' || (outcome?.kind === 'unavailable' && outcome.reason === 'not-the-writer');

/** Those who share no identifier with anybody before them, and all others. */
function bySharedKeys(candidates: readonly Candidate[]) {
  const seen = new Set<string>();
  const [first, later]: [Candidate[], Candidate[]] = [[], []];
  for (const candidate of candidates) {
    (candidate.wanted.some(({ key }) => seen.has(key)) ? later : first).push(candidate);
    for (const { key } of candidate.wanted) seen.add(key);
  }
  return { first, later };
}

/** Gives the same outcome to all of them. */
function given(batch: Batch, candidates: readonly Candidate[], outcome: ImportOutcome): readonly never[] {
  for (const { index } of candidates) batch.outcomes[index] = outcome;
  return [];
}

/** What the steps do, unless a part does not answer: then those who have come to no outcome have none. */
async function unlessAway<T>(
  batch: Batch,
  candidates: readonly Candidate[],
  steps: () => Promise<T>,
): Promise<T | null> {
  try {
    return await steps();
  } catch (error) {
    if (!(error instanceof DependencyUnavailable)) throw error;
    const open = candidates.filter(
      ({ index }) => batch.outcomes[index] === undefined && !batch.alone.some((one) => one.index === index),
    );
    given(batch, open, { kind: 'unanswered', part: error.part });
    return null;
  }
}

async function answered(outcome: Promise<WriteOutcome>): Promise<ImportOutcome> {
  try {
    return await outcome;
  } catch (error) {
    if (error instanceof DependencyUnavailable) return { kind: 'unanswered', part: error.part };
    throw error;
  }
}

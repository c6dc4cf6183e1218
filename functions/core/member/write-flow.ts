/**
 * The one line that every write follows: read at the writer, decide, claim, commit, propagate, acknowledge. A request
 * that was seen before goes straight to propagating what is left of it, so that the receipt of a repeat promises no
 * less than the first one did.
 */
import { makeClaims, type StandingClaim } from '../directory/claim.ts';
import type { Directory, Tokens } from '../directory/ports.ts';
import type { CentreState } from '../failover/centre-state.ts';
import { nextVersion } from '../failover/epoch.ts';
import { type Clock, type Deadline, remainingMs } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { IdempotencyRecord, OutboxRow } from '../propagation/event.ts';
import type { Outbox } from '../propagation/ports.ts';
import { type Delivery, makePropagate, type PropagatePorts, sinksOf } from '../propagation/propagate.ts';
import type { Sharding } from '../sharding/sharding.ts';
import { eventOf } from './event-of.ts';
import { fieldOf, type Identifier, type IdentifierHasher } from './identifiers.ts';
import type { Change, Holding, Member, StoredMember } from './member.ts';
import type { WriteOutcome, WriteRequest } from './outcomes.ts';
import type { MemberAtWriter, MemberStore, Sealer } from './ports.ts';

export interface WriteFlowPorts extends PropagatePorts {
  readonly members: MemberStore;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
  readonly centreState: CentreState;
  readonly sharding: Sharding;
  readonly hasher: IdentifierHasher;
  readonly sealer: Sealer;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** An identifier to take, under one of its keys. */
export type Wanted = Pick<Holding, 'identifier' | 'key'>;

/** Each of `identifiers` under every key it has. */
export const wantedOf = (hasher: IdentifierHasher, identifiers: readonly Identifier[]): readonly Wanted[] =>
  identifiers.flatMap((identifier) => hasher.keysOf(identifier).map((key) => ({ identifier, key })));

/** What a write wants of a member: identifiers to take, and the change once they are claimed; or an answer at once. */
export type Intent<Answer = never> =
  | {
      readonly kind: 'change';
      readonly wanted: readonly Wanted[];
      readonly change: (taken: readonly Holding[]) => Change;
      /** A version that the change's has to be above, besides those it comes after. */
      readonly above?: number;
    }
  | { readonly kind: 'answer'; readonly outcome: WriteOutcome | Answer };

const attemptsMax = 5;

export const unavailable = (
  reason: 'identifier-busy' | 'not-the-writer' | 'no-receipt' | 'contended',
): WriteOutcome => ({
  kind: 'unavailable',
  reason,
  retryAfterMs: 1_000,
});

/**
 * Carries one request out for `memberId`. `decide` gets the member as its writer knows it (null: there is none), and
 * is asked again with the newer member when something has changed before the commit.
 * @param known what the writer would say at first, from who knows: it is not read then. The commit looks for itself
 */
export type WriteFlow = <Answer = never>(
  memberId: string,
  request: WriteRequest,
  deadline: Deadline,
  decide: (member: Member | null, stored: StoredMember | null) => Intent<Answer>,
  known?: MemberAtWriter,
) => Promise<WriteOutcome | Answer>;

export function makeWriteFlow(ports: WriteFlowPorts): WriteFlow {
  const { members, centreState, sharding, sealer, clock, sinks, outbox } = ports;
  const claims = makeClaims(ports);
  const propagate = makePropagate(ports);

  /**
   * Older changes of the member that are under way are brought to their sinks too: this one stands on them. A receipt for
   * an update promises that nobody is shown an older version as fresh, and the fence of a phone that was unbound just
   * before is the unbinding's.
   */
  const acknowledge = async (
    delivery: Omit<Delivery, 'writer' | 'activeSearch'>,
    hasOlder: boolean,
    epoch: number,
    record: IdempotencyRecord,
    member: Member,
    deadline: Deadline,
  ): Promise<WriteOutcome> => {
    const topology = await centreState.current(deadline);
    const { databaseCluster, event, suspended } = delivery;
    const older = hasOlder
      ? await outbox.unfencedBefore(databaseCluster, event.memberId, event.version, deadline)
      : [];
    const by = {
      writer: { epoch, centre: topology.writer },
      activeSearch: topology.search.critical.find((name) => !topology.suspendedParts.includes(name)),
      suspended,
    };
    const [done, ...before] = await Promise.all([
      propagate({ ...delivery, ...by }, deadline),
      ...older.map((row) => propagate({ ...row, ...by }, deadline)),
    ]);
    if (done.kind === 'no-receipt' || before.some(({ kind }) => kind === 'no-receipt'))
      return unavailable('no-receipt');
    return { kind: 'done', member, receipt: { ...record.receipt, durability: done.durability } };
  };

  /** Answers a request that has committed before, after finishing what its first attempt may have left undone. */
  const repeat = async (
    record: IdempotencyRecord,
    request: WriteRequest,
    member: Member,
    epoch: number,
    deadline: Deadline,
  ): Promise<WriteOutcome> => {
    if (record.requestHash !== request.requestHash) return { kind: 'key-reused' };
    const databaseCluster = sharding.clusterOf(member.memberId);
    const row: OutboxRow | null = await outbox.find(
      databaseCluster,
      member.memberId,
      record.receipt.version,
      deadline,
    );
    if (row === null)
      return { kind: 'done', member, receipt: { ...record.receipt, durability: 'both-centres' } };
    return acknowledge({ ...row, suspended: [] }, row.olderRows > 0, epoch, record, member, deadline);
  };

  /** Claims, commits, propagates. `again`: the member or a claim has changed meanwhile; read and decide once more. */
  const carryOut = async (
    memberId: string,
    before: Member | null,
    epoch: number,
    intent: Extract<Intent<unknown>, { kind: 'change' }>,
    request: WriteRequest,
    deadline: Deadline,
  ): Promise<WriteOutcome | 'again'> => {
    const keys = intent.wanted.map(({ key }) => key);
    let taken: readonly StandingClaim[] = [];
    if (keys.length > 0) {
      const claimed = await claims.claimAll(memberId, keys, deadline);
      if (claimed.kind === 'not-the-writer') return unavailable('not-the-writer');
      if (claimed.kind === 'busy') return unavailable('identifier-busy');
      if (claimed.kind === 'bound') {
        if (claimed.bySelf) return 'again';
        const fields = intent.wanted
          .filter(({ key }) => claimed.keys.includes(key))
          .map(({ identifier }) => fieldOf(identifier));
        return { kind: 'identifier-bound', fields: [...new Set(fields)] };
      }
      taken = claimed.claims;
    }
    const holdings = intent.wanted.map((wanted): Holding => {
      const token = taken.find((claim) => claim.key === wanted.key)?.token ?? '';
      return { ...wanted, token };
    });
    const change = intent.change(holdings);
    const version = nextVersion(epoch, [
      before?.version ?? 0,
      intent.above ?? 0,
      ...taken.map((claim) => claim.version),
    ]);
    const member: Member = { ...change.after, version };
    const at = new Date(clock.nowMs()).toISOString();
    const event = eventOf(change, member, sealer.seal(member), epoch, at, request);
    const databaseCluster = sharding.clusterOf(memberId);
    const all = sinksOf(sinks, databaseCluster, event);
    const tokens = taken.map((claim) => claim.token);
    const committed = await members.commit(
      { expectedVersion: before?.version ?? null, event, tokens, sinks: all },
      deadline,
    );
    switch (committed.kind) {
      case 'committed': {
        // One whose grant still lives gets its full time: failing to fence it would cost the wait for the grant's end.
        const suspended = committed.suspended
          .filter((one) => one.grantEndsInMs === 0)
          .map((one) => one.redis);
        const delivery = { databaseCluster, sequence: committed.sequence, event, pending: all, suspended };
        const hasOlder = committed.olderUnfenced > 0;
        return acknowledge(delivery, hasOlder, epoch, event.idempotency, member, deadline);
      }
      case 'lease-ended':
        return unavailable('no-receipt');
      case 'not-the-writer':
        await claims.release(taken, deadline);
        return unavailable('not-the-writer');
      default:
        await claims.release(taken, deadline);
        return 'again';
    }
  };

  return async (memberId, request, deadline, decide, known) => {
    for (let attempt = 0; attempt < attemptsMax && remainingMs(clock, deadline) > 0; attempt++) {
      const record = { caller: request.caller, key: request.idempotencyKey };
      const read =
        attempt === 0 && known
          ? { kind: 'member' as const, ...known }
          : await members.read(memberId, record, deadline);
      if (read.kind === 'not-the-writer') return unavailable('not-the-writer');
      const before = read.stored && sealer.open(read.stored);
      if (read.repeat && before) return repeat(read.repeat, request, before, read.epoch, deadline);
      const intent = decide(before, read.stored);
      if (intent.kind === 'answer') return intent.outcome;
      const outcome = await carryOut(memberId, before, read.epoch, intent, request, deadline);
      if (outcome !== 'again') return outcome;
    }
    return unavailable('contended');
  };
}

/**
 * Claiming identifiers for a member, before the commit that uses the claims up.
 *
 * For each row that is not free: a `bound` one is a conflict only if the member it names, read at its writer, holds the
 * identifier with the row's token; otherwise an unbinding died before its last step, and the row is free to take, as soon
 * as the journal has whatever that member did (`propagation/settling.ts` says why). A
 * `claimed` one past its deadline is settled by voiding its token first: then that claim can never commit, however late
 * its process wakes up. One of this very member (an earlier attempt of the same request) is voided as soon as it was seen
 * to stand for a moment: not at once, or many repeats of a request at the same time would void each other for ever.
 * Another's claim within its deadline is waited for, with everything given back meanwhile, so that no two claimers wait
 * for each other.
 */

import { claimMs, claimWaitMs } from '../failover/durations.ts';
import { type Clock, type Deadline, remainingMs } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { orNull } from '../kernel/invariant.ts';
import { holds } from '../member/member.ts';
import type { MemberStore, Sealer } from '../member/ports.ts';
import type { Outbox } from '../propagation/ports.ts';
import type { Sharding } from '../sharding/sharding.ts';
import type { DirectoryRow, IdentifierKey, Token } from './directory.ts';
import type { Claim, Directory, Tokens, WriterRefused } from './ports.ts';

/** A claim that stands, with the version its row has: the commit's must be above it. */
export interface StandingClaim extends Claim {
  readonly version: number;
}

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly claims: readonly StandingClaim[] }
  /** Held: by others (`keys`), or by this member itself (`bySelf`): an earlier attempt has committed. */
  | { readonly kind: 'bound'; readonly keys: readonly IdentifierKey[]; readonly bySelf: boolean }
  /** Another's claim is within its deadline still, or who let an identifier go is not known to be in both centres. */
  | { readonly kind: 'busy' }
  | WriterRefused;

export interface ClaimPorts {
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly members: Pick<MemberStore, 'read'>;
  readonly outbox: Pick<Outbox, 'awaitsJournal'>;
  readonly sharding: Pick<Sharding, 'clusterOf'>;
  readonly sealer: Sealer;
  readonly ids: Ids;
  readonly clock: Clock;
}

/** What one look at a row that refused the claim came to. */
type Verdict =
  | { readonly kind: 'taken'; readonly version: number }
  | { readonly kind: 'bound' | 'wait' | 'again' }
  | WriterRefused;

/** One call of `claimAll`: for whom, until when, every claim it has made, and since when it has seen others' claims stand. */
interface Attempt {
  readonly memberId: string;
  readonly deadline: Deadline;
  readonly made: Claim[];
  readonly firstSeenMs: Map<Token, number>;
}

const pollMs = 20;
/** How long a claim of the same member is left to its attempt: long enough for a live one to commit. */
const ownClaimMs = 150;
const roundsMax = 200;

export interface Claims {
  /** Claims all of `keys` or none. */
  claimAll(memberId: string, keys: readonly IdentifierKey[], deadline: Deadline): Promise<ClaimOutcome>;
  /** Gives claims back whose commit is known to have failed. Best effort: what stays is taken over after its deadline. */
  release(claims: readonly Claim[], deadline: Deadline): Promise<void>;
}

export function makeClaims(ports: ClaimPorts): Claims {
  const { directory, tokens, members, outbox, sharding, sealer, ids, clock } = ports;

  const release = async (claims: readonly Claim[], deadline: Deadline): Promise<void> => {
    if (claims.length === 0) return;
    const changes = claims.map(({ key, token }) => ({ key, token, to: 'free' as const }));
    await orNull(directory.settle(changes, null, deadline));
  };

  const takeOver = async (
    attempt: Attempt,
    row: DirectoryRow,
    claim: Claim,
    above: number,
  ): Promise<Verdict> => {
    const { memberId, deadline } = attempt;
    const version = Math.max(row.version, above) + 1;
    const taken = await directory.takeOver(row, memberId, claim, version, claimMs, deadline);
    if (taken.kind === 'not-the-writer') return taken;
    return taken.kind === 'taken' ? { kind: 'taken', version } : { kind: 'again' };
  };

  /** Whether a claim may be voided: its deadline has passed, or it is this member's own and has stood for a moment. */
  const mayVoid = ({ memberId, firstSeenMs }: Attempt, row: DirectoryRow): boolean => {
    if (row.claimExpired) return true;
    const nowMs = clock.monotonicMs();
    const seenMs = firstSeenMs.get(row.token) ?? nowMs;
    firstSeenMs.set(row.token, seenMs);
    return row.memberId === memberId && nowMs - seenMs >= ownClaimMs;
  };

  const judge = async (attempt: Attempt, row: DirectoryRow, claim: Claim): Promise<Verdict> => {
    const { deadline } = attempt;
    if (row.state === 'free') return { kind: 'again' };
    if (row.state === 'claimed') {
      if (!mayVoid(attempt, row)) return { kind: 'wait' };
      const voided = await tokens.voidToken(row.memberId, row.token, deadline);
      if (voided.kind === 'not-the-writer') return voided;
      if (voided.kind === 'void') return takeOver(attempt, row, claim, 0);
    }
    const named = await members.read(row.memberId, null, deadline);
    if (named.kind === 'not-the-writer') return named;
    const member = named.stored && sealer.open(named.stored);
    if (holds(member, row.key, row.token)) return { kind: 'bound' };
    // After the reading: the change that let it go is there, or has left the outbox.
    const databaseCluster = sharding.clusterOf(row.memberId);
    if (await outbox.awaitsJournal(databaseCluster, row.memberId, deadline)) return { kind: 'wait' };
    return takeOver(attempt, row, claim, member?.version ?? 0);
  };

  const claimAll = async (attempt: Attempt, keys: readonly IdentifierKey[]): Promise<ClaimOutcome> => {
    const { memberId, deadline, made } = attempt;
    const waitUntilMs = clock.monotonicMs() + claimWaitMs;
    let standing: StandingClaim[] = [];
    for (let round = 0; round < roundsMax && remainingMs(clock, deadline) > 0; round++) {
      const open = keys
        .filter((key) => !standing.some((claim) => claim.key === key))
        .map((key) => ({ key, token: ids.token() }));
      if (open.length === 0) return { kind: 'claimed', claims: standing };
      made.push(...open);
      const answer = await directory.claim(memberId, open, claimMs, deadline);
      if (answer.kind === 'not-the-writer') return answer;

      const bound: DirectoryRow[] = [];
      let wait = false;
      for (const [index, claim] of open.entries()) {
        const row = answer.rows[index];
        if (!row) continue;
        const verdict: Verdict =
          row.token === claim.token
            ? { kind: 'taken', version: row.version }
            : await judge(attempt, row, claim);
        if (verdict.kind === 'not-the-writer') return verdict;
        if (verdict.kind === 'taken') standing.push({ ...claim, version: verdict.version });
        if (verdict.kind === 'bound') bound.push(row);
        if (verdict.kind === 'wait') wait = true;
      }
      if (bound.length > 0) {
        const others = bound.filter((row) => row.memberId !== memberId).map((row) => row.key);
        return { kind: 'bound', keys: others, bySelf: others.length < bound.length };
      }
      if (wait) {
        await release(standing, deadline);
        standing = [];
        if (clock.monotonicMs() + pollMs >= waitUntilMs) return { kind: 'busy' };
        await clock.sleep(pollMs);
      }
    }
    return { kind: 'busy' };
  };

  return {
    release,
    async claimAll(memberId, keys, deadline) {
      // Whatever ends this without success, none of its tokens will ever commit: they may all be given back.
      const attempt: Attempt = { memberId, deadline, made: [], firstSeenMs: new Map() };
      try {
        const outcome = await claimAll(attempt, keys);
        if (outcome.kind !== 'claimed') await release(attempt.made, deadline);
        return outcome;
      } catch (error) {
        await release(attempt.made, deadline);
        throw error;
      }
    },
  };
}

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Directory, Tokens } from '../../../functions/core/directory/ports.ts';
import type { Trimming } from '../../../functions/core/failover/ports.ts';
import type { Clock } from '../../../functions/core/kernel/clock.ts';
import type {
  Commit,
  MemberSource,
  MemberStore,
  Registrations,
} from '../../../functions/core/member/ports.ts';
import { makeSharding } from '../../../functions/core/sharding/sharding.ts';
import { sampleEvent } from '../sample-events.ts';

/** The ports at the database writers, with what a test may do to the clusters behind them. */
export interface WriterSubject {
  readonly clock: Clock;
  readonly members: MemberStore;
  readonly registrations: Registrations;
  readonly directory: Directory;
  readonly tokens: Tokens;
  readonly trimming: Trimming;
  readonly writer: MemberSource;
  setLease(databaseCluster: string, remainingMs: number): Promise<void>;
  setEpoch(databaseCluster: string, epoch: number): Promise<void>;
  setOldestTokenDay(databaseCluster: string, day: number): Promise<void>;
  moveSlot(slot: number): Promise<void>;
  suspend(databaseCluster: string, redis: string, grantEndsInMs: number): Promise<void>;
  /** Lets the deadline of the claim on this row have passed. */
  expireClaim(key: string): Promise<void>;
  /** The day of the databases' own clock, as tokens name it. */
  databaseDay(): number;
  /** Lets the records of the member's requests (or of the one that made `version`) be older by so much. */
  ageRequest(memberId: string, ms: number, version?: number): Promise<void>;
  /** Lets the last request that came with a registration's key have come so much earlier. */
  ageRegistration(caller: string, key: string, ms: number): Promise<void>;
  /** How many of the member's tokens are written down as used or void. */
  decided(memberId: string, tokens: readonly string[]): Promise<number>;
  /** How many rows the member has in outbox, history and idempotency records together. */
  tracesOf(memberId: string): Promise<number>;
  /** Puts epoch, leases, marks and slots back as they were. */
  end(): Promise<void>;
}

export const sharding = makeSharding(
  { slotOf: (text) => createHash('sha256').update(text).digest().readUInt16BE(0) % 1024 },
  {
    version: 1,
    ranges: [
      { first: 0, last: 511, cluster: 'c0' },
      { first: 512, last: 1023, cluster: 'c1' },
    ],
    exceptions: {},
  },
);

export const today = 20_260_102;

export const freshToken = (day: number = today): string => `${day}.${randomBytes(16).toString('base64url')}`;

const freshIn = (databaseCluster: string, make: () => string): string => {
  for (;;) {
    const text = make();
    if (sharding.clusterOf(text) === databaseCluster) return text;
  }
};

export const freshMemberId = (databaseCluster = 'c0'): string => freshIn(databaseCluster, randomUUID);

export const freshKey = (databaseCluster = 'c0'): string =>
  freshIn(databaseCluster, () => `t1.${randomBytes(32).toString('base64url')}`);

/** A commit of a member at `version`, onto `expectedVersion`. */
export function sampleCommit(
  memberId: string,
  version: number,
  expectedVersion: number | null = null,
  tokens: readonly string[] = [],
): Commit {
  return {
    expectedVersion,
    event: sampleEvent({ memberId, version }),
    tokens,
    sinks: ['directory', 'redis:redis-a-0', 'journal'],
  };
}

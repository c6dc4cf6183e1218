/**
 * What the capacity model takes for granted. `measured` are sizes that the local engines show
 * (`test/capacity/measured.engines.test.ts` holds each within `measuredWithin` of what it finds); `chosen` are
 * ours to choose or to guess, and any of them can be given with `--assume NAME=VALUE`.
 */

/** How far a measured size may be from the figure here, either way, before the test fails. */
export const measuredWithin = 0.25;

/** Bytes, on the engines of a developer's machine, indexes and the room that B-trees leave included. */
export const measured = {
  /** A row of `member`, sealed. */
  memberRowBytes: 2_140,
  /** A row of `directory`: one for each identifier. */
  directoryRowBytes: 270,
  /** A row of `history`: one for each change. */
  historyRowBytes: 1_630,
  /** A decided token: one for each identifier taken. */
  tokenRowBytes: 180,
  /** A record of a request. */
  idempotencyRowBytes: 380,
  /** A member's document, of the primary shard alone, in one segment. */
  memberDocumentBytes: 1_340,
  /** An identifier's document. */
  identifierDocumentBytes: 230,
  /** A cached member under one key, in memory. */
  cacheEntryBytes: 1_380,
  /** A fence under one key, in memory. */
  fenceBytes: 150,
} as const;

export type MeasuredSize = keyof typeof measured;

interface Assumption {
  readonly value: number;
  readonly why: string;
}

const assumption = (value: number, why: string): Assumption => ({ value, why });

export const chosen = {
  identifiersPerMember: assumption(3.5, 'phone 0.94, unionId 0.78, card 0.22, accounts 1.53, as seeded'),
  changesPerMember: assumption(6, 'history entries of a member, kept for ever'),
  averageShare: assumption(0.35, 'of the peak, over a day and night'),
  growth: assumption(1.3, 'room for members to come'),
  headroom: assumption(1.4, 'above the peak, so that one part may be lost or redeployed at the peak'),
  hitRate: assumption(0.9, 'of reads answered by a cache'),
  marketingShare: assumption(0.15, 'of the reads, on the marketing lane'),
  transactionsPerWrite: assumption(2.2, 'most are updates (1), few are registrations (5); directory rows'),
  transactionsPerWriter: assumption(
    8_000,
    'a second, of a writer of 16 cores: twice what one MariaDB does on a developer’s two',
  ),
  searchGetsPerNode: assumption(3_000, 'real-time gets a second of one data node'),
  getsPerMiss: assumption(2, 'the identifier’s document, then the member’s'),
  unmerged: assumption(1.4, 'an index by its documents: replaced ones wait for a merge'),
  shardBytesTarget: assumption(40e9, 'below the 50 GB that no shard may pass'),
  searchNodeDiskBytes: assumption(1_000e9, 'of one data node'),
  searchDiskUsable: assumption(0.7, 'of a node’s disk: merges and a lost node need the rest'),
  activeShare: assumption(0.02, 'of the members, asked for within an entry’s lifetime of 30 minutes'),
  keysPerActiveMember: assumption(1.5, 'of its keys, by which it is asked for'),
  cacheNodeMemoryBytes: assumption(26e9, 'of one node of a Redis'),
  cacheMemoryUsable: assumption(0.6, 'of a node’s memory: the rest is for replication and fragmentation'),
  cacheReadsPerNode: assumption(60_000, 'a second of one Redis, with MGETs of three keys'),
  fencedKeysPerWrite: assumption(4.5, 'the member’s own, and one for each identifier'),
  sourceAwaySeconds: assumption(1_800, 'how long a replica may be away while fences pile up without an end'),
  messagesPerWrite: assumption(2, 'one to each centre’s queue'),
  consumerBatch: assumption(10, 'messages of one invocation'),
  consumerBatchSeconds: assumption(0.08, 'one bulk to each search cluster'),
  hitSeconds: assumption(0.004, 'a read that hits, as Lambda bills it'),
  missSeconds: assumption(0.03, 'a read that misses'),
  writeSeconds: assumption(0.16, 'a write: two round trips between the centres, and the commit'),
  memoryGb: assumption(1, 'of a function'),
  logBytesPerRequest: assumption(900, 'its one line'),
  betweenCentresBytesPerWrite: assumption(6_000, 'journal, fences and a message, and replication'),
} as const satisfies Readonly<Record<string, Assumption>>;

export type AssumptionName = keyof typeof chosen;
export type Assumptions = Readonly<Record<AssumptionName, number>>;

export const assumed = (given: Readonly<Partial<Assumptions>> = {}): Assumptions => ({
  ...(Object.fromEntries(Object.entries(chosen).map(([name, { value }]) => [name, value])) as Record<
    AssumptionName,
    number
  >),
  ...given,
});

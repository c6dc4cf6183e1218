/**
 * How large a stage has to be for its members and its requests. Every figure carries the formula that it came from,
 * because a size that nobody can follow is a size that nobody can correct.
 */
import { slotCount } from '../../functions/core/sharding/sharding.ts';
import { type Assumptions, type MeasuredSize, measured } from './assumptions.ts';

export interface Workload {
  readonly members: number;
  /** A second, at the peak, over both centres: each must carry all of it alone. */
  readonly readsPerSecond: number;
  readonly writesPerSecond: number;
}

export interface Figure {
  readonly part: string;
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly formula: string;
}

/** What the settings of a stage must have at least. Of one centre, where nothing else is said. */
export interface Sizes {
  readonly databaseClusters: number;
  readonly cacheGroups: number;
  readonly searchDataNodes: number;
  readonly memberShards: number;
  readonly identifierShards: number;
  readonly criticalConcurrency: number;
  readonly marketingConcurrency: number;
  readonly consumerConcurrency: number;
}

/** A month's use, by what it is billed as; `prices.json` has a unit price for each. */
export type Usage = Readonly<Record<string, number>>;

export interface Capacity {
  readonly figures: readonly Figure[];
  readonly sizes: Sizes;
  readonly usage: Usage;
}

/** A data node for each of three zones. */
const searchNodesMin = 3;
const cacheGroupsMin = 2;
const replicasOfShard = 1;
const databaseServersPerCluster = 5;
const searchDomains = 3;
const nodesOfCacheGroup = 3;
const hoursAMonth = 730;
const secondsAMonth = hoursAMonth * 3_600;
const daySeconds = 86_400;
const tokenDays = 3;

const upTo = (value: number, step: number): number => Math.ceil(value / step) * step;

export function capacityOf(
  { members, readsPerSecond, writesPerSecond }: Workload,
  a: Assumptions,
  bytes: Readonly<Record<MeasuredSize, number>> = measured,
): Capacity {
  const figures: Figure[] = [];
  const partOf = (part: string) => (name: string, unit: string, formula: string, value: number) => {
    figures.push({ part, name, value, unit, formula });
    return value;
  };

  const database = partOf('database');
  const grown = database('members to hold', '', 'members * growth', members * a.growth);
  database('slots', '', 'fixed', slotCount);
  database('members a slot', 'rows', 'members to hold / slots', grown / slotCount);
  database(
    'directory rows a slot',
    'rows',
    'members to hold * identifiersPerMember / slots',
    (grown * a.identifiersPerMember) / slotCount,
  );
  const writesADay = database(
    'writes a day',
    '',
    'writes * averageShare * 86,400',
    writesPerSecond * a.averageShare * daySeconds,
  );
  const rowBytes = database(
    'bytes of members',
    'B',
    'members to hold * (memberRowBytes + identifiersPerMember * directoryRowBytes + changesPerMember * historyRowBytes)',
    grown *
      (bytes.memberRowBytes +
        a.identifiersPerMember * bytes.directoryRowBytes +
        a.changesPerMember * bytes.historyRowBytes),
  );
  const recordBytes = database(
    'bytes of requests and tokens',
    'B',
    'writes a day * (idempotencyRowBytes + 3 days * tokenRowBytes)',
    writesADay * (bytes.idempotencyRowBytes + tokenDays * bytes.tokenRowBytes),
  );
  const transactions = database(
    'transactions a second',
    '/s',
    'writes * transactionsPerWrite * headroom',
    writesPerSecond * a.transactionsPerWrite * a.headroom,
  );
  const databaseClusters = database(
    'database clusters',
    '',
    'transactions a second / transactionsPerWriter, at least 1',
    Math.max(1, Math.ceil(transactions / a.transactionsPerWriter)),
  );
  const databaseBytes = database(
    'bytes a database cluster',
    'B',
    '(bytes of members + bytes of requests and tokens) / database clusters',
    (rowBytes + recordBytes) / databaseClusters,
  );

  const search = partOf('search');
  const memberIndexBytes = search(
    'members index',
    'B',
    'members to hold * memberDocumentBytes * unmerged',
    grown * bytes.memberDocumentBytes * a.unmerged,
  );
  const identifierIndexBytes = search(
    'identifiers index',
    'B',
    'members to hold * identifiersPerMember * identifierDocumentBytes * unmerged',
    grown * a.identifiersPerMember * bytes.identifierDocumentBytes * a.unmerged,
  );
  const domainBytes = (memberIndexBytes + identifierIndexBytes) * (1 + replicasOfShard);
  const gets = search(
    'gets a second',
    '/s',
    'reads * (1 - hitRate) * getsPerMiss * headroom',
    readsPerSecond * (1 - a.hitRate) * a.getsPerMiss * a.headroom,
  );
  const searchDataNodes = search(
    'data nodes',
    '',
    'the most of: both indexes with a replica / (searchNodeDiskBytes * searchDiskUsable); gets / searchGetsPerNode; 3. A multiple of 3, one for each zone',
    upTo(
      Math.max(
        domainBytes / (a.searchNodeDiskBytes * a.searchDiskUsable),
        gets / a.searchGetsPerNode,
        searchNodesMin,
      ),
      3,
    ),
  );
  const shardsOf = (name: string, indexBytes: number): number => {
    const shards = search(
      `shards of ${name}`,
      '',
      'index bytes / shardBytesTarget, up to a multiple of the data nodes',
      upTo(Math.max(1, indexBytes / a.shardBytesTarget), searchDataNodes),
    );
    search(`bytes a shard of ${name}`, 'B', 'index bytes / shards', indexBytes / shards);
    return shards;
  };
  const memberShards = shardsOf('members', memberIndexBytes);
  const identifierShards = shardsOf('identifiers', identifierIndexBytes);

  const cache = partOf('cache');
  const entryBytes = cache(
    'bytes of entries',
    'B',
    'members * activeShare * keysPerActiveMember * cacheEntryBytes',
    members * a.activeShare * a.keysPerActiveMember * bytes.cacheEntryBytes,
  );
  const fenceBytes = cache(
    'bytes of fences',
    'B',
    'writes * averageShare * fencedKeysPerWrite * sourceAwaySeconds * fenceBytes',
    writesPerSecond * a.averageShare * a.fencedKeysPerWrite * a.sourceAwaySeconds * bytes.fenceBytes,
  );
  const cacheGroups = cache(
    'cache groups',
    '',
    'the most of: (entries + fences) / (cacheNodeMemoryBytes * cacheMemoryUsable); reads * headroom / cacheReadsPerNode; 2',
    Math.max(
      cacheGroupsMin,
      Math.ceil((entryBytes + fenceBytes) / (a.cacheNodeMemoryBytes * a.cacheMemoryUsable)),
      Math.ceil((readsPerSecond * a.headroom) / a.cacheReadsPerNode),
    ),
  );

  const sync = partOf('sync');
  const messages = sync(
    'messages a second',
    '/s',
    'writes * messagesPerWrite / 2, in each centre',
    (writesPerSecond * a.messagesPerWrite) / 2,
  );
  const consumerConcurrency = sync(
    'consumers',
    '',
    'messages a second / consumerBatch * consumerBatchSeconds * headroom, at least 2',
    Math.max(2, Math.ceil((messages / a.consumerBatch) * a.consumerBatchSeconds * a.headroom)),
  );

  const api = partOf('api');
  const readSeconds = a.hitRate * a.hitSeconds + (1 - a.hitRate) * a.missSeconds;
  const environments = (name: string, formula: string, reads: number, writes: number): number =>
    api(
      name,
      '',
      formula,
      Math.max(2, Math.ceil((reads * readSeconds + writes * a.writeSeconds) * a.headroom)),
    );
  const criticalConcurrency = environments(
    'environments, critical',
    '(reads * (1 - marketingShare) * (hitRate * hitSeconds + (1 - hitRate) * missSeconds) + writes * writeSeconds) * headroom',
    readsPerSecond * (1 - a.marketingShare),
    writesPerSecond,
  );
  const marketingConcurrency = environments(
    'environments, marketing',
    'reads * marketingShare * (hitRate * hitSeconds + (1 - hitRate) * missSeconds) * headroom',
    readsPerSecond * a.marketingShare,
    0,
  );

  const requestsAMonth = (readsPerSecond + writesPerSecond) * a.averageShare * secondsAMonth;
  const writesAMonth = writesPerSecond * a.averageShare * secondsAMonth;
  const gbSeconds =
    (readsPerSecond * readSeconds + writesPerSecond * a.writeSeconds) *
    a.averageShare *
    secondsAMonth *
    a.memoryGb;
  const gigabytes = (value: number): number => value / 1e9;
  const usage: Usage = {
    databaseServerHours: databaseClusters * databaseServersPerCluster * hoursAMonth,
    journalServerHours: 2 * 2 * hoursAMonth,
    databaseGbMonths: gigabytes(databaseBytes * databaseClusters) * 2,
    searchNodeHours: searchDomains * searchDataNodes * hoursAMonth,
    searchGbMonths: gigabytes(domainBytes) * searchDomains,
    cacheNodeHours: 2 * cacheGroups * nodesOfCacheGroup * hoursAMonth,
    apiMillionRequests: requestsAMonth / 1e6,
    functionMillionRequests: requestsAMonth / 1e6,
    functionGbSeconds: gbSeconds,
    provisionedGbSeconds:
      2 * (criticalConcurrency + marketingConcurrency) * a.averageShare * secondsAMonth * a.memoryGb,
    queueMillionRequests: (writesAMonth * a.messagesPerWrite * (1 + 2 / a.consumerBatch)) / 1e6,
    logGb: gigabytes(requestsAMonth * a.logBytesPerRequest),
    betweenCentresGb: gigabytes(writesAMonth * a.betweenCentresBytesPerWrite),
  };
  return {
    figures,
    sizes: {
      databaseClusters,
      cacheGroups,
      searchDataNodes,
      memberShards,
      identifierShards,
      criticalConcurrency,
      marketingConcurrency,
      consumerConcurrency,
    },
    usage,
  };
}

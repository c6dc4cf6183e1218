/**
 * The settings of a stage: what both centres and the witness are made of. One stage is one installation; several may
 * stand in one account. Everything that differs between stages is said here and nowhere else; `npm run capacity` says
 * what a load needs, and a test holds these sizes to it.
 *
 * To make a stage of your own, change one of these, or add one and name it in {@link stageNames}.
 */
import type { CentreName } from '../functions/core/propagation/event.ts';
import type { Settings } from '../functions/runtime/env.ts';
import type { DomainSettings, FunctionSettings } from './function-settings.ts';

export const stageNames = ['local', 'small', 'production'] as const;
export type StageName = (typeof stageNames)[number];

/** A centre, or the witness: a region, and what is known of it beforehand. */
export interface PlaceSettings {
  readonly region: string;
  /** Three zones of the region, by the names that the account has for them. */
  readonly zones: readonly [string, string, string];
  /** Of the place's network. The three must not overlap, for they are joined. */
  readonly cidr: string;
}

export type PlaceName = CentreName | 'witness';
export const placeNames = ['A', 'B', 'witness'] as const satisfies readonly PlaceName[];

export interface DatabaseSettings {
  /** Which database cluster holds which slots: as the functions take it. Its clusters are the ones that are made. */
  readonly shardMap: Settings['SHARD_MAP'];
  readonly engineVersion: string;
  readonly instanceClass: string;
  /** Servers of a database cluster in each centre: in A the writer and its standbys, in B the replicas that are read. */
  readonly servers: Readonly<Record<CentreName, number>>;
  readonly journalInstanceClass: string;
  readonly journalServers: number;
  readonly backupDays: number;
  /** How many of a server's connections the proxy before it may take. */
  readonly proxyConnectionsPercentMax: number;
  readonly passwordRotationDays: number;
  /** The certificates that servers are known by, where functions run; without it connections are in clear. */
  readonly authoritiesFile?: string;
}

export interface CacheSettings {
  /** Of Valkey. */
  readonly engineVersion: string;
  /** Redis clusters in a centre, over which keys are spread by rendezvous hashing. Changing it moves keys: add, do not replace. */
  readonly clusters: number;
  readonly nodeType: string;
  /** Of each. A fence counts only when all of them have it. With one at least, the primary's zone may be lost. */
  readonly replicas: number;
}

export const searchNames = ['primary', 'backup', 'marketing'] as const;
export type SearchName = (typeof searchNames)[number];

export interface SearchSettings {
  readonly centre: CentreName;
  /** A multiple of the three zones, or 1. */
  readonly dataNodes: number;
  readonly instanceType: string;
  readonly volumeGb: number;
  /** 0 or 3. */
  readonly masterNodes: number;
  readonly masterInstanceType: string;
  /** Of each of the two indexes: a multiple of the data nodes, and so many that none passes 50 GB. */
  readonly shards: number;
  readonly replicas: number;
}

export interface StageSettings {
  readonly stage: StageName;
  /** The account; undefined: that of whoever deploys. */
  readonly account?: string;
  readonly places: Readonly<Record<PlaceName, PlaceSettings>>;
  /** Whether what holds data is protected from deletion and outlives its stack. */
  readonly keepsData: boolean;
  /** Whether caches and search clusters ask who one is, over TLS. The engines of one machine do neither. */
  readonly enginesAskUsers: boolean;
  readonly logDays: number;
  readonly database: DatabaseSettings;
  readonly cache: CacheSettings;
  readonly search: Readonly<Record<SearchName, SearchSettings>>;
  readonly functions: FunctionSettings;
  readonly domain?: DomainSettings;
  /** Who is told of alarms. */
  readonly alarmEmail?: string;
  /** What the stage is made for: `npm run capacity` says what that needs, and a test holds the sizes to it. */
  readonly workload: {
    readonly members: number;
    readonly readsPerSecond: number;
    readonly writesPerSecond: number;
  };
}

const openSearchNode = { masterNodes: 3, masterInstanceType: 'm7g.large.search', replicas: 1 } as const;

/** Singapore, Tokyo, and Seoul as the witness. In `aws-cn` there are two regions: see docs/deployment.md. */
const places = {
  A: {
    region: 'ap-southeast-1',
    zones: ['ap-southeast-1a', 'ap-southeast-1b', 'ap-southeast-1c'],
    cidr: '10.40.0.0/16',
  },
  B: {
    region: 'ap-northeast-1',
    zones: ['ap-northeast-1a', 'ap-northeast-1c', 'ap-northeast-1d'],
    cidr: '10.41.0.0/16',
  },
  witness: {
    region: 'ap-northeast-2',
    zones: ['ap-northeast-2a', 'ap-northeast-2b', 'ap-northeast-2c'],
    cidr: '10.42.0.0/16',
  },
} as const satisfies StageSettings['places'];

/** So many database clusters of equal ranges of slots: `c0`, `c1`, ... */
function evenShardMap(clusters: number): DatabaseSettings['shardMap'] {
  const slots = 1024 / clusters;
  const ranges = Array.from({ length: clusters }, (_, index) => ({
    first: index * slots,
    last: (index + 1) * slots - 1,
    cluster: `c${index}`,
  }));
  return { version: 1, ranges, exceptions: {} };
}

const noneWarm = { read: 0, batch: 0, write: 0, health: 0, open: 0 } as const;

const engineVersion = '8.0.mysql_aurora.3.08.2';

/** All parts, each as small as it comes: to try a deployment, or for some millions of members. */
const small: StageSettings = {
  stage: 'small',
  places,
  keepsData: true,
  enginesAskUsers: true,
  logDays: 30,
  database: {
    shardMap: evenShardMap(1),
    engineVersion,
    instanceClass: 'db.r7g.large',
    servers: { A: 2, B: 3 },
    journalInstanceClass: 'db.t4g.medium',
    journalServers: 2,
    backupDays: 7,
    proxyConnectionsPercentMax: 80,
    passwordRotationDays: 30,
    // Lambda's own file: the authorities of RDS in every region.
    authoritiesFile: '/var/runtime/ca-cert.pem',
  },
  cache: { engineVersion: '8.0', clusters: 2, nodeType: 'cache.t4g.medium', replicas: 1 },
  search: {
    primary: { ...openSearchNode, centre: 'A', ...smallSearch() },
    backup: { ...openSearchNode, centre: 'B', ...smallSearch() },
    marketing: { ...openSearchNode, centre: 'A', ...smallSearch() },
  },
  functions: {
    architecture: 'arm64',
    memoryMb: 1024,
    environmentsMax: {
      critical: { read: 20, batch: 5, write: 10, health: 3, open: 2 },
      marketing: { read: 5, batch: 2, write: 2, health: 2, open: 1 },
    },
    environmentsWarm: { critical: noneWarm, marketing: noneWarm },
    consumersMax: 5,
    generation: 1,
    callsThroughPeering: true,
  },
  workload: { members: 5e6, readsPerSecond: 500, writesPerSecond: 50 },
};

function smallSearch() {
  return { dataNodes: 3, instanceType: 'm7g.large.search', volumeGb: 100, shards: 3 } as const;
}

/** The travel group's own: 1.2 billion members, 30,000 reads and 20,000 writes a second. */
const production: StageSettings = {
  stage: 'production',
  places,
  keepsData: true,
  enginesAskUsers: true,
  logDays: 90,
  database: {
    ...small.database,
    shardMap: evenShardMap(8),
    instanceClass: 'db.r7g.4xlarge',
    journalInstanceClass: 'db.r7g.2xlarge',
    backupDays: 35,
  },
  cache: { engineVersion: '8.0', clusters: 6, nodeType: 'cache.r7g.xlarge', replicas: 1 },
  search: {
    primary: { ...openSearchNode, centre: 'A', ...largeSearch(24) },
    backup: { ...openSearchNode, centre: 'B', ...largeSearch(24) },
    marketing: { ...openSearchNode, centre: 'A', ...largeSearch(24) },
  },
  functions: {
    ...small.functions,
    memoryMb: 1769,
    // The account's limit in each region must be above their sum, some 6,700.
    environmentsMax: {
      critical: { read: 400, batch: 100, write: 1_000, health: 20, open: 5 },
      marketing: { read: 60, batch: 10, write: 20, health: 5, open: 2 },
    },
    environmentsWarm: {
      critical: { read: 100, batch: 10, write: 200, health: 2, open: 0 },
      marketing: { read: 10, batch: 0, write: 0, health: 1, open: 0 },
    },
    consumersMax: 300,
  },
  domain: {
    zoneName: 'membership.example.com',
    zoneId: 'Z00000000000000000000',
    truststores: {
      A: { uri: 's3://membership-truststore-a/callers.pem', version: '1' },
      B: { uri: 's3://membership-truststore-b/callers.pem', version: '1' },
    },
  },
  alarmEmail: 'membership-on-call@example.com',
  workload: { members: 1.2e9, readsPerSecond: 30_000, writesPerSecond: 20_000 },
};

function largeSearch(dataNodes: number) {
  return { dataNodes, instanceType: 'r7g.2xlarge.search', volumeGb: 1_000, shards: 120 } as const;
}

const { authoritiesFile: _, ...withoutAuthorities } = small.database;

/** On one machine, on a stand-in for AWS: one server of each kind, and nothing that is kept. */
const local: StageSettings = {
  stage: 'local',
  account: '000000000000',
  places,
  keepsData: false,
  enginesAskUsers: false,
  logDays: 1,
  database: {
    ...withoutAuthorities,
    shardMap: evenShardMap(2),
    servers: { A: 1, B: 3 },
    journalServers: 1,
    backupDays: 1,
  },
  cache: { engineVersion: '8.0', clusters: 2, nodeType: 'cache.t4g.micro', replicas: 0 },
  search: {
    primary: localSearch('A'),
    backup: localSearch('B'),
    marketing: localSearch('A'),
  },
  functions: {
    ...small.functions,
    environmentsMax: {
      critical: { read: 4, batch: 2, write: 3, health: 2, open: 1 },
      marketing: { read: 2, batch: 1, write: 1, health: 1, open: 1 },
    },
    consumersMax: 2,
    callsThroughPeering: false,
  },
  domain: { zoneName: 'membership.test', zoneId: 'ZLOCAL' },
  workload: { members: 100_000, readsPerSecond: 100, writesPerSecond: 10 },
};

function localSearch(centre: CentreName): SearchSettings {
  const node = { instanceType: 't3.small.search', masterInstanceType: 't3.small.search', volumeGb: 10 };
  return { centre, ...node, dataNodes: 1, masterNodes: 0, shards: 1, replicas: 0 };
}

export const stages: Readonly<Record<StageName, StageSettings>> = { local, small, production };

/** The database clusters of a stage, each with the slots it begins with. */
export const databaseClusters = ({ database }: StageSettings): readonly string[] =>
  [...new Set(database.shardMap.ranges.map(({ cluster }) => cluster))].sort();

/** The Redis clusters of a centre: keys are spread by these names, so they stay as they are. */
export const cacheNames = ({ cache }: StageSettings, centre: CentreName): readonly string[] =>
  Array.from({ length: cache.clusters }, (_, index) => `redis-${centre.toLowerCase()}-${index}`);

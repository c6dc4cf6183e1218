/**
 * Every part of the local system and where it listens. One base port moves all of them, so that several
 * copies run side by side.
 */

const DEFAULT_BASE_PORT = 4100;
/** Offsets stay below this; two copies need base ports at least this far apart. */
export const PORT_SPAN = 60;

/** What a part is, which decides how it is started and asked for its health. */
export type EngineKind = 'mariadb' | 'redis' | 'opensearch' | 'ministack';

interface PartPlace {
  kind: EngineKind;
  offset: number;
}

/** The engines, by part name. OpenSearch also takes a transport port, `TRANSPORT_OFFSET` above its own. */
export const PARTS = {
  'mysql-a': { kind: 'mariadb', offset: 20 },
  'mysql-b-0': { kind: 'mariadb', offset: 21 },
  'mysql-b-1': { kind: 'mariadb', offset: 22 },
  'mysql-b-2': { kind: 'mariadb', offset: 23 },
  'journal-a': { kind: 'mariadb', offset: 24 },
  'journal-b': { kind: 'mariadb', offset: 25 },
  'redis-a-0': { kind: 'redis', offset: 30 },
  'redis-a-1': { kind: 'redis', offset: 31 },
  'redis-b-0': { kind: 'redis', offset: 32 },
  'redis-b-1': { kind: 'redis', offset: 33 },
  'search-primary': { kind: 'opensearch', offset: 40 },
  'search-backup': { kind: 'opensearch', offset: 41 },
  'search-marketing': { kind: 'opensearch', offset: 42 },
  'aws-a': { kind: 'ministack', offset: 50 },
  'aws-b': { kind: 'ministack', offset: 51 },
  'aws-witness': { kind: 'ministack', offset: 52 },
} as const satisfies Record<string, PartPlace>;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as PartName[];

export const TRANSPORT_OFFSET = 3;

/** Who writes until a promotion. */
export const FIRST_WRITER = 'mysql-a';

/** The replicas in centre B of the first writer. */
export const REPLICA_NAMES = ['mysql-b-0', 'mysql-b-1', 'mysql-b-2'] as const satisfies PartName[];

/** The servers of each centre that can write: one of them does, all others follow it. */
export const DATABASE_NAMES = {
  A: [FIRST_WRITER],
  B: REPLICA_NAMES,
} as const satisfies Record<string, readonly PartName[]>;

export type DatabasePart = (typeof DATABASE_NAMES)['A' | 'B'][number];

export const JOURNAL_NAMES = ['journal-a', 'journal-b'] as const satisfies PartName[];

/** What users and callers talk to: the front door and both centres, for each lane. */
export const PUBLIC_OFFSETS = {
  frontDoor: { critical: 0, marketing: 10 },
  A: { critical: 1, marketing: 11 },
  B: { critical: 2, marketing: 12 },
} as const;

export const isDatabase = (part: PartName): part is DatabasePart =>
  [...DATABASE_NAMES.A, ...DATABASE_NAMES.B].includes(part as DatabasePart);

export function portOf(part: PartName, basePort: number): number {
  return basePort + PARTS[part].offset;
}

/** Every port that a part listens on. */
export function portsOf(part: PartName, basePort: number): number[] {
  const port = portOf(part, basePort);
  return PARTS[part].kind === 'opensearch' ? [port, port + TRANSPORT_OFFSET] : [port];
}

export function publicPorts(basePort: number): { name: string; port: number }[] {
  return Object.entries(PUBLIC_OFFSETS).flatMap(([name, lanes]) =>
    Object.entries(lanes).map(([lane, offset]) => ({ name: `${name} (${lane})`, port: basePort + offset })),
  );
}

/** The base port that the environment asks for. Throws when it is not a port that leaves room for all parts. */
export function readBasePort(environment: NodeJS.ProcessEnv): number {
  const text = environment.MEMBERSHIP_BASE_PORT;
  if (text === undefined || text === '') return DEFAULT_BASE_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port + PORT_SPAN > 65_536) {
    throw new Error(
      `MEMBERSHIP_BASE_PORT must be a whole number from 1024 to ${65_536 - PORT_SPAN}, not "${text}".`,
    );
  }
  return port;
}

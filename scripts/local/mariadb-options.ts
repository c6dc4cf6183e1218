import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { binaryLogDays } from '../../functions/core/failover/retention.ts';
import { REPLICA_NAMES } from './ports.ts';

/**
 * `writer` answers for every commit; `replica` may lose its tail, which it fetches again; `journal` is a writer that
 * nobody follows; `template` is being made, and thrown away when that fails.
 */
export type MariadbRole = 'writer' | 'replica' | 'journal' | 'template';

export interface MariadbNode {
  /** Where MariaDB was unpacked. */
  baseDirectory: string;
  dataDirectory: string;
  port: number;
  serverId: number;
  role: MariadbRole;
}

const CONNECTIONS_MAX = 400;
/** Above the number of tables: 1,024 slots of a handful each. */
const TABLES_OPEN_MAX = 16_384;
const TABLE_DEFINITIONS_MAX = 16_384;

const SQL_MODE = [
  'STRICT_TRANS_TABLES',
  'ONLY_FULL_GROUP_BY',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
].join(',');

/** What shapes the files of a data directory, and so belongs to the key of a template. */
export const STORAGE_OPTIONS = [
  '--character-set-server=utf8mb4',
  '--collation-server=utf8mb4_bin',
  // One file for all tables: less than half of the disk with thousands of them nearly empty, and quick to copy.
  '--innodb-file-per-table=0',
  '--innodb-log-file-size=64M',
];

const TEMPORARY = 'tmp';

/** Makes the directory of a node's temporary files, where {@link serverArguments} and the bootstrap have it. */
export function makeTemporaryDirectory(dataDirectory: string): void {
  mkdirSync(join(dataDirectory, TEMPORARY), { recursive: true });
}

/** The arguments that a data directory is made with, by a server that only reads SQL from its input. */
export function bootstrapArguments(baseDirectory: string, dataDirectory: string): string[] {
  return [...commonArguments(baseDirectory, dataDirectory), ...durability('template'), '--bootstrap'];
}

export function serverArguments(node: MariadbNode): string[] {
  return [
    ...commonArguments(node.baseDirectory, node.dataDirectory),
    ...durability(node.role),
    `--port=${node.port}`,
    '--bind-address=127.0.0.1',
    // Relative to the data directory: a full path would pass the length a socket's name may have.
    '--socket=mariadb.sock',
    `--pid-file=${join(node.dataDirectory, 'mariadb.pid')}`,
    `--server-id=${node.serverId}`,
    // A certificate would be made first, which takes longer than all the rest.
    '--skip-ssl',
    '--skip-name-resolve',
    `--sql-mode=${SQL_MODE}`,
    '--default-time-zone=+00:00',
    `--max-connections=${CONNECTIONS_MAX}`,
    '--thread-cache-size=64',
    `--table-open-cache=${TABLES_OPEN_MAX}`,
    `--table-definition-cache=${TABLE_DEFINITIONS_MAX}`,
    '--max-allowed-packet=16M',
    // Room for a page or two of every table of every slot: with less, each write to another slot reads one and writes one back.
    '--innodb-buffer-pool-size=768M',
    // Statistics of tables this small would be made again after every few rows: most of what a write costs.
    '--innodb-stats-auto-recalc=0',
    '--innodb-lock-wait-timeout=5',
    '--skip-symbolic-links',
    '--local-infile=0',
    // Not a word about each connection that only asked whether anybody is there.
    '--log-warnings=1',
    ...roleOptions(node.role),
  ];
}

function commonArguments(baseDirectory: string, dataDirectory: string): string[] {
  const share = join(baseDirectory, 'share');
  return [
    '--no-defaults',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--basedir=${baseDirectory}`,
    `--datadir=${dataDirectory}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    ...STORAGE_OPTIONS,
    // Of its own: a server that starts deletes the temporary tables of every other one that shares the directory.
    `--tmpdir=${join(dataDirectory, TEMPORARY)}`,
    `--ignore-db-dirs=${TEMPORARY}`,
    // Not every container lets io_uring or aio through.
    '--innodb-use-native-aio=0',
    '--innodb-buffer-pool-dump-at-shutdown=0',
    '--innodb-buffer-pool-load-at-startup=0',
  ];
}

function roleOptions(role: MariadbRole): string[] {
  if (role === 'template') return ['--skip-log-bin'];
  // Every node comes up closed and following nobody; which one is opened is said afterwards, explicitly.
  if (role === 'journal') return ['--skip-log-bin', '--read-only=1'];
  return [
    '--read-only=1',
    '--skip-slave-start',
    '--log-bin=binlog',
    '--binlog-format=ROW',
    `--binlog-expire-logs-seconds=${binaryLogDays * 86_400}`,
    // However long all were stopped, the replicas first get what they missed.
    `--slave-connections-needed-for-purge=${REPLICA_NAMES.length}`,
    '--max-binlog-size=128M',
    '--log-slave-updates=1',
    '--gtid-strict-mode=1',
    '--relay-log=relay',
    '--relay-log-recovery=1',
    '--slave-net-timeout=2',
  ];
}

function durability(role: MariadbRole): string[] {
  if (role === 'writer' || role === 'journal')
    return ['--innodb-flush-log-at-trx-commit=1', '--sync-binlog=1'];
  if (role === 'replica') return ['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0'];
  return ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--debug-no-sync'];
}

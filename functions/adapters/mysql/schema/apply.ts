/**
 * Brings a server's schemas to the newest version: expands all, and contracts on request. Every step notes in the
 * database what it has done, so that a run that was killed at any point is simply repeated.
 */
import { firstEpoch } from '../../../core/failover/epoch.ts';
import { schemaOfSlot } from '../../../core/sharding/sharding.ts';
import type { DatabaseAddress, Statement } from '../database.ts';
import { type SchemaConnection, SchemaFailed, withSchemaConnections } from './admin-connection.ts';
import { clusterRows, journalRows, type OpeningEpoch } from './first-rows.ts';
import {
  migrations as currentMigrations,
  type Migration,
  type Migrations,
  newestVersion,
} from './migrations.ts';
import { controlSchema, journalSchema } from './names.ts';

export interface ClusterSlots {
  /** The database cluster's name. */
  readonly name: string;
  /** The slots that it holds, both inclusive. */
  readonly slots: { readonly first: number; readonly last: number };
}

export interface SchemaRequest {
  /** Of a user that may create schemas. */
  readonly address: DatabaseAddress;
  /** For a new database only: the epoch it starts in, and the centre that writes. @default epoch 1 of A */
  readonly opening?: OpeningEpoch;
  readonly onProgress?: (line: string) => void;
  /** @default those of this version of the code */
  readonly migrations?: Migrations;
}

type Phase = 'expand' | 'contract';

const connectionCount = 4;
const slotsABatch = 16;

/** Expands every slot of these clusters and their control tables. Creates what is not there yet. */
export async function applySchema(
  request: SchemaRequest & { readonly clusters: readonly ClusterSlots[] },
): Promise<void> {
  await migrateClusters(request, 'expand');
}

/** Removes what only older code used. Refuses before every slot is expanded. */
export async function contractSchema(
  request: SchemaRequest & { readonly clusters: readonly ClusterSlots[] },
): Promise<void> {
  await migrateClusters(request, 'contract');
}

export async function applyJournalSchema(request: SchemaRequest): Promise<void> {
  await migrateJournal(request, 'expand');
}

export async function contractJournalSchema(request: SchemaRequest): Promise<void> {
  await migrateJournal(request, 'contract');
}

async function migrateJournal(request: SchemaRequest, phase: Phase): Promise<void> {
  const { opening = firstEpoch, migrations = currentMigrations, onProgress } = request;
  await withSchemaConnections(request.address, 1, async ([connection]) => {
    await migrateSchema(
      connection,
      journalSchema,
      migrations.journal,
      phase,
      journalRows(journalSchema, opening),
    );
    onProgress?.(`journal: at version ${newestVersion(migrations.journal)}`);
  });
}

async function migrateClusters(
  request: SchemaRequest & { readonly clusters: readonly ClusterSlots[] },
  phase: Phase,
): Promise<void> {
  const { clusters, opening = firstEpoch, migrations = currentMigrations, onProgress } = request;
  await withSchemaConnections(request.address, connectionCount, async (connections) => {
    for (const cluster of clusters) {
      const control = controlSchema(cluster.name);
      await migrateSchema(connections[0], control, migrations.control, phase, clusterRows(control, opening));
      await migrateSlots(connections, cluster, migrations.slot, phase, (line) => onProgress?.(line));
    }
  });
}

/** A schema that notes its own version: a cluster's control tables, or the journal. */
async function migrateSchema(
  connection: SchemaConnection,
  schema: string,
  list: readonly Migration[],
  phase: Phase,
  firstRows: readonly Statement[],
): Promise<void> {
  const version = await versionOf(connection, schema);
  const newest = newestVersion(list);
  if (phase === 'contract') {
    if (version.expanded < newest) throw notExpanded(schema);
    await connection.apply([
      ...since(list, version.contracted).flatMap((each) => each.contract(schema).map(toStatement)),
      {
        sql: `UPDATE ${schema}.schema_version SET contracted_version = GREATEST(contracted_version, ?) WHERE id = 1`,
        values: [newest],
      },
    ]);
    return;
  }
  await connection.apply([
    toStatement(`CREATE DATABASE IF NOT EXISTS ${schema}`),
    ...since(list, version.expanded).flatMap((each) => each.expand(schema).map(toStatement)),
    ...firstRows,
    {
      sql: `INSERT INTO ${schema}.schema_version (id, schema_version, contracted_version) VALUES (1, ?, 0)
        ON DUPLICATE KEY UPDATE schema_version = GREATEST(schema_version, ?)`,
      values: [newest, newest],
    },
  ]);
}

async function versionOf(connection: SchemaConnection, schema: string) {
  const [made] = await connection.rows(
    `SELECT COUNT(*) AS tables_made FROM information_schema.tables
      WHERE table_schema = '${schema}' AND table_name = 'schema_version'`,
  );
  const [row] =
    made?.tables_made === 1
      ? await connection.rows(`SELECT schema_version, contracted_version FROM ${schema}.schema_version`)
      : [];
  return { expanded: Number(row?.schema_version ?? 0), contracted: Number(row?.contracted_version ?? 0) };
}

async function migrateSlots(
  connections: readonly SchemaConnection[],
  { name, slots: { first, last } }: ClusterSlots,
  list: readonly Migration[],
  phase: Phase,
  onProgress: (line: string) => void,
): Promise<void> {
  const control = controlSchema(name);
  const standing = new Map(
    (
      (await connections[0]?.rows(
        `SELECT slot, state, schema_version, contracted_version FROM ${control}.slot`,
      )) ?? []
    ).map((row) => [Number(row.slot), row]),
  );
  const newest = newestVersion(list);
  const slots = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (slot) => standing.get(slot)?.state !== 'moved',
  );
  const expanded = (slot: number) => Number(standing.get(slot)?.schema_version ?? 0);
  const contracted = (slot: number) => Number(standing.get(slot)?.contracted_version ?? 0);
  if (phase === 'contract' && slots.some((slot) => expanded(slot) < newest)) throw notExpanded(`of ${name}`);

  const due = slots.filter((slot) => (phase === 'expand' ? expanded(slot) : contracted(slot)) < newest);
  let done = slots.length - due.length;
  onProgress(`${name}: ${done} of ${slots.length} slots at version ${newest}`);
  const batches = Array.from({ length: Math.ceil(due.length / slotsABatch) }, (_, index) =>
    due.slice(index * slotsABatch, (index + 1) * slotsABatch),
  );
  await Promise.all(
    connections.map(async (connection) => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        await connection.apply(
          batch.flatMap((slot) =>
            phase === 'expand'
              ? expandSlot(control, slot, list, expanded(slot))
              : contractSlot(control, slot, list, contracted(slot)),
          ),
        );
        done += batch.length;
        if (done % 128 === 0 || done === slots.length)
          onProgress(`${name}: ${done} of ${slots.length} slots`);
      }
    }),
  );
}

/** The slot's row comes last: it says that all before it is done. */
function expandSlot(
  control: string,
  slot: number,
  list: readonly Migration[],
  from: number,
): readonly Statement[] {
  const schema = schemaOfSlot(slot);
  const newest = newestVersion(list);
  return [
    toStatement(`CREATE DATABASE IF NOT EXISTS ${schema}`),
    ...since(list, from).flatMap((each) => each.expand(schema).map(toStatement)),
    {
      sql: `INSERT INTO ${control}.slot (slot, state, schema_version, contracted_version) VALUES (?, 'here', ?, 0)
        ON DUPLICATE KEY UPDATE schema_version = GREATEST(schema_version, ?)`,
      values: [slot, newest, newest],
    },
  ];
}

function contractSlot(
  control: string,
  slot: number,
  list: readonly Migration[],
  from: number,
): readonly Statement[] {
  return [
    ...since(list, from).flatMap((each) => each.contract(schemaOfSlot(slot)).map(toStatement)),
    {
      sql: `UPDATE ${control}.slot SET contracted_version = GREATEST(contracted_version, ?) WHERE slot = ?`,
      values: [newestVersion(list), slot],
    },
  ];
}

const since = (list: readonly Migration[], version: number): readonly Migration[] =>
  list.filter((migration) => migration.version > version);

const toStatement = (sql: string): Statement => ({ sql });

function notExpanded(what: string): SchemaFailed {
  return new SchemaFailed(`the schema ${what} is not at the newest version everywhere: expand it first`);
}

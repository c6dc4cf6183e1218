/**
 * The versions of the schema. A migration first *expands*: what it adds is harmless to code that does not know it.
 * When no such code runs any more it *contracts*: what nobody uses goes. Between the two, old and new code run side by
 * side. Migrations are only ever appended, with the next number.
 *
 * Each statement must be one that can be repeated, or that fails with a code of {@link alreadyDone} when it is: a run
 * that was killed is repeated from the last slot that is known to be done.
 */
import { controlTables, journalTables, slotTables } from './tables.ts';

export interface Migration {
  readonly version: number;
  expand(schema: string): readonly string[];
  contract(schema: string): readonly string[];
}

/** By kind of schema; versions count from 1 without gaps. */
export interface Migrations {
  readonly slot: readonly Migration[];
  readonly control: readonly Migration[];
  readonly journal: readonly Migration[];
}

export const migrations: Migrations = {
  slot: [
    { version: 1, expand: slotTables, contract: () => [] },
    { version: 2, expand: recordsByAge, contract: () => [] },
  ],
  control: [{ version: 1, expand: controlTables, contract: () => [] }],
  journal: [
    { version: 1, expand: journalTables, contract: () => [] },
    { version: 2, expand: lossLedger, contract: () => [] },
  ],
};

/** What promotions took from the journal, or found that a lost centre alone had. */
function lossLedger(schema: string): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${schema}.ledger (
      id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      epoch INT NOT NULL,
      database_cluster VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      kind ENUM('from-journal', 'one-centre') NOT NULL,
      event MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
      recorded_at DATETIME(6) NOT NULL,
      UNIQUE KEY by_change (database_cluster, member_id, version, kind)
    ) ENGINE = InnoDB`,
  ];
}

/** Records of requests are trimmed by their age. */
function recordsByAge(schema: string): readonly string[] {
  return [
    `ALTER TABLE ${schema}.idempotency ADD KEY by_committed_at (committed_at)`,
    `ALTER TABLE ${schema}.registration ADD KEY by_begun_at (begun_at)`,
  ];
}

export const newestVersion = (list: readonly Migration[]): number => list.at(-1)?.version ?? 0;

/** What a repeated statement may fail with: table exists, column exists, index exists, nothing there to drop. */
export const alreadyDone: ReadonlySet<number> = new Set([1050, 1051, 1060, 1061, 1091]);

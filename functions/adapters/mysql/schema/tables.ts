/**
 * The tables as migration 1 makes them; later migrations change them (`migrations.ts`), never this file. Everything is
 * named in full (`schema.table`). Times are DATETIME(6) in UTC and always written by the database's own clock, so that
 * what they are compared with comes from the same clock.
 * Texts that machines compare are `ascii_bin`: no collation may make two keys equal.
 */

/** Of each slot: `slot_0000` to `slot_1023`, on the database cluster that holds it. */
export function slotTables(schema: string): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${schema}.member (
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      version BIGINT NOT NULL,
      status ENUM('active', 'cancelled') NOT NULL,
      sealed MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.directory (
      identifier_key VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      state ENUM('free', 'claimed', 'bound') NOT NULL,
      token VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      claim_ends DATETIME(6) NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.token (
      token VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      outcome ENUM('void', 'used') NOT NULL,
      day INT NOT NULL,
      KEY by_day (day)
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.registration (
      caller VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      idempotency_key VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      request_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      begun_at DATETIME(6) NOT NULL,
      PRIMARY KEY (caller, idempotency_key)
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.idempotency (
      caller VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      idempotency_key VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      request_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      epoch INT NOT NULL,
      committed_at DATETIME(6) NOT NULL,
      PRIMARY KEY (caller, idempotency_key, member_id)
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.history (
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      entry TEXT CHARACTER SET utf8mb4 NOT NULL,
      PRIMARY KEY (member_id, version)
    ) ENGINE = InnoDB`,
  ];
}

/** Of each database cluster: its right to write, what it promised, and what its sinks still lack. */
export function controlTables(schema: string): readonly string[] {
  return [
    schemaVersionTable(schema),
    // Commits lock this row in share mode; whoever closes the epoch takes it for itself, and so waits for them.
    `CREATE TABLE IF NOT EXISTS ${schema}.epoch (
      id TINYINT NOT NULL PRIMARY KEY, epoch INT NOT NULL, centre CHAR(1) NOT NULL
    ) ENGINE = InnoDB`,
    // Apart from the epoch's row: it is renewed all the time, and must not wait for commits.
    `CREATE TABLE IF NOT EXISTS ${schema}.write_lease (
      id TINYINT NOT NULL PRIMARY KEY, valid_until DATETIME(6) NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.heartbeat (
      id TINYINT NOT NULL PRIMARY KEY, beat BIGINT NOT NULL, beat_at DATETIME(6) NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.token_mark (
      id TINYINT NOT NULL PRIMARY KEY, oldest_day INT NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.slot (
      slot SMALLINT NOT NULL PRIMARY KEY,
      state ENUM('here', 'moved') NOT NULL,
      schema_version INT NOT NULL,
      contracted_version INT NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.redis_grant (
      redis VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
      grant_ends DATETIME(6) NOT NULL,
      suspended TINYINT NOT NULL,
      relied_count BIGINT NOT NULL
    ) ENGINE = InnoDB`,
    // `pending` lists the sinks that lack the event, each between commas: ',directory,redis:redis-a-0,'.
    `CREATE TABLE IF NOT EXISTS ${schema}.outbox (
      sequence BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      pending VARCHAR(2000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      event MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
      committed_at DATETIME(6) NOT NULL,
      UNIQUE KEY by_change (member_id, version)
    ) ENGINE = InnoDB`,
  ];
}

/** Of a centre's journal database, with the centre's epoch register beside it. */
export function journalTables(schema: string): readonly string[] {
  return [
    schemaVersionTable(schema),
    `CREATE TABLE IF NOT EXISTS ${schema}.register (
      id TINYINT NOT NULL PRIMARY KEY, epoch INT NOT NULL, centre CHAR(1) NOT NULL, longest_promise_ms BIGINT NOT NULL
    ) ENGINE = InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${schema}.entry (
      id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      database_cluster VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      member_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      version BIGINT NOT NULL,
      event MEDIUMTEXT CHARACTER SET utf8mb4 NOT NULL,
      appended_at DATETIME(6) NOT NULL,
      UNIQUE KEY by_change (database_cluster, member_id, version)
    ) ENGINE = InnoDB`,
  ];
}

/** The version of the schema's own tables. Those of a slot are in the slot's row. */
function schemaVersionTable(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${schema}.schema_version (
      id TINYINT NOT NULL PRIMARY KEY, schema_version INT NOT NULL, contracted_version INT NOT NULL
    ) ENGINE = InnoDB`;
}

/**
 * The parameters of the MySQL servers, and why. What a session needs (isolation, time zone, SQL mode) it sets itself; the
 * same values stand here, so that the proxy finds its connections alike and shares them.
 */

/** Of a database cluster: the same in both centres, for after a promotion B's is the writer's. */
export const clusterParameters = {
  // Aurora replicates its storage, to the replicas of the other centre too. A binary log would cost every commit a write,
  // and nobody follows it.
  binlog_format: 'OFF',
  // A commit is acknowledged when it is durable. (Aurora's default; a lower one would lose receipts in a crash.)
  innodb_flush_log_at_trx_commit: '1',
  // Names and identifiers are compared as they are, never by a language's rules.
  character_set_server: 'utf8mb4',
  collation_server: 'utf8mb4_bin',
  time_zone: 'UTC',
  // No connection in clear, from nobody.
  require_secure_transport: 'ON',
  tls_version: 'TLSv1.2,TLSv1.3',
  // A write's deadline is 5 s: who waits longer for a lock waits for nobody.
  innodb_lock_wait_timeout: '5',
  // Statements are long where many slots are asked at once.
  max_allowed_packet: '16777216',
  local_infile: '0',
  // Statements hold keyed hashes and sealed documents, no person's data in clear: they may be logged when they are slow.
  slow_query_log: '1',
  long_query_time: '0.5',
  log_output: 'FILE',
  server_audit_logging: '1',
  // Who connected and who changed the schema or a grant. Not every query: that is what the history in the rows is for.
  server_audit_events: 'CONNECT,QUERY_DDL,QUERY_DCL',
} as const;

/** Of each server. */
export const instanceParameters = {
  // 1,024 slots of a handful of tables, over the clusters: every table of a cluster of one stays open.
  table_open_cache: '16384',
  table_definition_cache: '16384',
  sql_mode:
    'STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
} as const;

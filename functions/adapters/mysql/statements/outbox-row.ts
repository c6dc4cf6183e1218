/** The columns of an outbox row as readers take them; its age is by the clock of the database that is asked. */
export const outboxRowColumns = `sequence, event, pending,
  GREATEST(0, TIMESTAMPDIFF(MICROSECOND, committed_at, UTC_TIMESTAMP(6)) DIV 1000) AS age_ms`;

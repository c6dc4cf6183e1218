/** A ledger for a person to read: receipts, never what the members are. */
import type { RecordedLoss } from '../../functions/core/failover/ports.ts';

const kinds = {
  'from-journal': 'carried out',
  'one-centre': 'NOT carried out',
} as const;

export function lineOf({ kind, epoch, recordedAt, event }: RecordedLoss): string {
  const { memberId, version, history, idempotency } = event;
  return [
    `${kinds[kind].padEnd(15)} epoch ${event.epoch} -> ${epoch}`,
    `${memberId} at "${version}"`,
    `${history.operation} by ${idempotency.caller}, key ${idempotency.key}`,
    `listed ${recordedAt}`,
  ].join('  ');
}

export function summaryOf(counts: Readonly<Record<RecordedLoss['kind'], number>>): string {
  const { 'from-journal': taken, 'one-centre': alone } = counts;
  if (taken + alone === 0) return 'The ledger is empty.';
  return [
    `${taken} came out of the journal, and are carried out.`,
    alone > 0
      ? `${alone} only the lost centre had: whoever holds a receipt "one-centre" for one has to ask again.`
      : "None was the lost centre's alone, as far as its database has been read: it is when it returns.",
  ].join('\n');
}

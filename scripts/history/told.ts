/** A page of history as text for people. */
import type { PastChange, PastIdentifier } from '../../functions/core/member/history.ts';
import type { HistoryPage } from '../../functions/core/member/history-reader.ts';

export function told(memberId: string, page: HistoryPage): string {
  const { source, isFinal, changes, unreadable, nextAfter } = page;
  const count = changes.length + unreadable.length;
  const lines = [
    `Member ${memberId}: ${count} ${count === 1 ? 'change' : 'changes'}, read at ${isFinal ? 'the writer' : source}.`,
    ...(isFinal ? [] : ['The writer is away: the newest changes may be missing.']),
    ...changes.flatMap((change) => ['', ...linesOf(change)]),
    ...unreadable.map((version) => `\nversion ${version}: of a format that only newer code reads`),
    ...(nextAfter === null ? [] : ['', `There is more: --after ${nextAfter}`]),
  ];
  return lines.join('\n');
}

function linesOf(change: PastChange): string[] {
  const { at, version, epoch, operation, caller, reason, idempotencyKey, changed, taken, freed } = change;
  return [
    `${at}  version ${version}  epoch ${epoch}`,
    `  ${operation} by ${caller}, reason: ${reason ?? 'not kept then'}`,
    `  key      ${idempotencyKey}`,
    `  changed  ${changed === null ? 'not kept then' : changed.join(', ') || 'nothing'}`,
    ...taken.map((identifier) => `  taken    ${named(identifier)}`),
    ...freed.map((identifier) => `  freed    ${named(identifier)}`),
  ];
}

const named = ({ field, key }: PastIdentifier): string => (field === null ? key : `${field}  ${key}`);

/** What a rotation did and what is left, for a person to read. */
import type { RotationReport } from '../../functions/core/member/rotation.ts';

const doing = { take: 'sealed anew or given the missing keys', free: 'rid of dropped keys' } as const;

export function describe(report: RotationReport): string {
  const lines: string[] = [];
  for (const { step, seen, refreshed, left, leftCount } of report.passes) {
    lines.push(`${seen} members seen, ${refreshed} ${doing[step]}, ${leftCount} left`);
    for (const { memberId, why } of left) lines.push(`  ${memberId}: ${why}${wayOut[why] ?? ''}`);
    if (leftCount > left.length) lines.push(`  and ${leftCount - left.length} more`);
  }
  if (report.undrained.length > 0) {
    lines.push(
      `Changes of ${report.undrained.join(', ')} have not reached everything yet: a store is away, or needs longer (--wait).`,
    );
  }
  for (const { name, keys, isClean } of report.stores) {
    if (keys === null) lines.push(`${name}: did not answer`);
    else {
      const counts = [
        `members sealed with ${countsOf(keys.sealedWith)}`,
        `identifiers under ${countsOf(keys.boundUnder)}`,
      ];
      lines.push(`${name}: ${counts.join('; ')}${isClean ? '' : '  <- not rotated'}`);
    }
  }
  lines.push(
    report.isDone
      ? 'Done: nothing is left under an old key.'
      : 'Not done: run it again; who is current is passed over.',
  );
  return lines.join('\n');
}

const wayOut: Readonly<Record<string, string>> = {
  'identifier-bound':
    ': somebody else holds one of its identifiers under the new key. A function without the old key wrote too early: see docs/keys.md',
  'seal-broken': ': its sealing key is not in the keyring. Put it back',
};

const countsOf = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `key ${name}: ${count}`)
    .join(', ') || 'no key';

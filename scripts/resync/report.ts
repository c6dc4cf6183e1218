import type { Findings } from '../../functions/core/search/reconcile.ts';
import { slotCount } from '../../functions/core/sharding/sharding.ts';
import type { Progress, ResyncReport } from './run.ts';

const counts = ({ differing, mended, touched, failed }: Findings): string =>
  [
    `${differing} differed`,
    `${mended} mended`,
    ...(touched > 0 ? [`${touched} touched`] : []),
    ...(failed > 0 ? [`${failed} not mended yet`] : []),
  ].join(', ');

export const describeProgress = ({ pass, nextSlot, found }: Progress): string =>
  `  pass ${pass}: ${nextSlot} of ${slotCount} slots, ${counts(found)}`;

export function describe(
  target: string,
  { isEqual, nextSlot, passes, found, failure }: ResyncReport,
): string {
  if (isEqual)
    return `${target} equals the database: the last of ${passes} passes found nothing. In all, ${counts(found)}.`;
  if (failure)
    return [
      `${target}: not done. ${failure.message}: ${(failure.cause as Error | undefined)?.message ?? 'no answer'}.`,
      `Run it again with --from ${nextSlot} to go on; "npm run status" tells what is up.`,
    ].join('\n');
  return `${target}: still not equal after ${passes} passes (${counts(found)}). Something keeps changing it: see docs/search.md.`;
}

/** The marketing lane's reads in a process of their own, so that they do not wait in line with what is measured. */
import { setPriority } from 'node:os';
import { type LaneReader, type LaneReads, makeLaneReader } from './lane-reads.ts';

export type Order =
  | { readonly kind: 'prepare'; readonly reads: LaneReads }
  | { readonly kind: 'read'; readonly perSecond: number; readonly seconds: number };

// What sends above its share does so from machines of its own.
setPriority(10);

let reader: LaneReader | undefined;

process.on('message', async (order: Order) => {
  if (order.kind === 'prepare') {
    reader = makeLaneReader(order.reads);
    return;
  }
  const counts: Record<number, number> = {};
  for (const { status } of (await reader?.read(order.perSecond, order.seconds)) ?? [])
    counts[status] = (counts[status] ?? 0) + 1;
  process.send?.(counts);
});
process.on('disconnect', () => process.exit());

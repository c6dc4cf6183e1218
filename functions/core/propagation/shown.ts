/**
 * Whether a replica shows a change: its outbox row (which came with the commit) with the directory's last step struck
 * off, *and* every directory row of the change. The rows need a look of their own: an identifier's slot may be in
 * another database cluster than its member's, and that cluster's replica follows at its own pace.
 */
import type { Directory } from '../directory/ports.ts';
import type { Deadline } from '../kernel/clock.ts';
import type { OutboxRow } from './event.ts';
import type { Outbox } from './ports.ts';

export interface ShownPorts {
  readonly outbox: Pick<Outbox, 'shownBy'>;
  readonly directory: Pick<Directory, 'shownBy'>;
}

/** How many directory rows are asked after at once: an event has a handful. */
const endsMax = 500;

/** Of `rows` (of one database cluster), those that `replica` shows. */
export type ShownBy = (
  databaseCluster: string,
  replica: string,
  rows: readonly OutboxRow[],
  deadline: Deadline,
) => Promise<readonly OutboxRow[]>;

export function makeShownBy({ outbox, directory }: ShownPorts): ShownBy {
  return async (databaseCluster, replica, rows, deadline) => {
    const sequences = rows.map((row) => row.sequence);
    const committed = await outbox.shownBy(databaseCluster, replica, sequences, deadline);
    const visible = rows.filter((row) => committed.includes(row.sequence));
    const ends = visible.flatMap(({ event }) =>
      event.directory.map(({ key }) => ({ key, version: event.version })),
    );
    const missing = new Set(ends.map(nameOf));
    for (let from = 0; from < ends.length; from += endsMax) {
      for (const end of await directory.shownBy(replica, ends.slice(from, from + endsMax), deadline)) {
        missing.delete(nameOf(end));
      }
    }
    return visible.filter(({ event }) =>
      event.directory.every(({ key }) => !missing.has(nameOf({ key, version: event.version }))),
    );
  };
}

const nameOf = ({ key, version }: { readonly key: string; readonly version: number }): string =>
  `${key}@${version}`;

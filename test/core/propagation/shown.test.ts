import { expect, test } from 'vitest';
import type { DirectoryEnd } from '../../../functions/core/directory/ports.ts';
import type { OutboxRow } from '../../../functions/core/propagation/event.ts';
import { makeShownBy } from '../../../functions/core/propagation/shown.ts';
import { sampleEvent } from '../../adapters/sample-events.ts';

const soon = { atMonotonicMs: Number.MAX_SAFE_INTEGER };

const rowOf = (sequence: number, keys: readonly string[]): OutboxRow => ({
  databaseCluster: 'c0',
  sequence,
  event: {
    ...sampleEvent({ memberId: `member-${sequence}`, version: 100 + sequence }),
    directory: keys.map((key) => ({ key, token: 't', to: 'bound' })),
  },
  pending: [],
  olderRows: 0,
});

/** A replica that shows these outbox rows and these directory rows. */
const shownBy = (sequences: readonly number[], rows: readonly DirectoryEnd[]) =>
  makeShownBy({
    outbox: { shownBy: async (_cluster, _replica, asked) => asked.filter((one) => sequences.includes(one)) },
    directory: {
      shownBy: async (_replica, ends) =>
        ends.filter((end) => rows.some((row) => row.key === end.key && row.version >= end.version)),
    },
  });

test('a change is shown with its outbox row and every one of its directory rows', async () => {
  const [first, second] = [rowOf(1, ['p', 'q']), rowOf(2, [])];
  const all = shownBy(
    [1, 2],
    [
      { key: 'p', version: 101 },
      { key: 'q', version: 150 },
    ],
  );
  expect(await all('c0', 'b-0', [first, second], soon)).toEqual([first, second]);
});

test('a directory row that another database cluster has not replicated yet hides the change', async () => {
  const row = rowOf(1, ['p', 'q']);
  const behind = shownBy(
    [1],
    [
      { key: 'p', version: 101 },
      { key: 'q', version: 100 },
    ],
  );
  expect(await behind('c0', 'b-0', [row], soon)).toEqual([]);
});

test('a row that is not replicated is not shown, whatever the directory says', async () => {
  const row = rowOf(1, ['p']);
  expect(await shownBy([], [{ key: 'p', version: 101 }])('c0', 'b-0', [row], soon)).toEqual([]);
});

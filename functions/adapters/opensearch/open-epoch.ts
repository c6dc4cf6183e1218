import type { Deadline } from '../../core/kernel/clock.ts';
import { makeSearchClient, type SearchAnswer, type SearchConnection, type SendToSearch } from './client.ts';
import { epochOfAlias, type IndexKind, indexKinds, indexOf, readAliasOf, writeAliasOf } from './names.ts';

export interface OpenSearchEpochOptions extends Omit<SearchConnection, 'name'> {
  readonly name?: string;
  readonly epoch: number;
  readonly indexPrefix?: string;
  readonly deadline: Deadline;
  readonly isTrusted?: boolean;
}

/**
 * Opens a cluster that is prepared for the writers of `epoch`, and closes it to all older ones, in one step for all
 * its indexes. The same epoch again is `opened`, and changes nothing.
 * @param options.isTrusted false closes it to readers too: its read aliases go in that same step
 */
export async function openSearchEpoch(options: OpenSearchEpochOptions): Promise<'opened' | 'older-epoch'> {
  const send = makeSearchClient({ ...options, name: options.name ?? 'search' });
  return swapEpoch(send, options.indexPrefix ?? '', options.epoch, options.deadline, options.isTrusted);
}

/** Compare-and-set: what was seen is removed with `must_exist`, so who has been overtaken changes nothing. */
export async function swapEpoch(
  send: SendToSearch,
  prefix: string,
  epoch: number,
  deadline: Deadline,
  isTrusted = true,
): Promise<'opened' | 'older-epoch'> {
  for (;;) {
    const actions: object[] = [];
    for (const kind of indexKinds) {
      const index = indexOf(prefix, kind);
      const standing = await epochsOf(send, prefix, kind, deadline);
      if (standing.some((other) => other > epoch)) return 'older-epoch';
      if (!standing.includes(epoch))
        actions.push({ add: { index, alias: writeAliasOf(prefix, kind, epoch) } });
      for (const older of standing.filter((other) => other < epoch)) {
        actions.push({ remove: { index, alias: writeAliasOf(prefix, kind, older), must_exist: true } });
        if (!isTrusted)
          actions.push({ remove: { index, alias: readAliasOf(prefix, kind), must_exist: false } });
      }
    }
    if (actions.length === 0) return 'opened';
    const swapped = await send({ method: 'POST', path: '/_aliases', body: { actions } }, deadline);
    if (swapped.body?.error?.type !== 'aliases_not_found_exception') {
      expect(swapped);
      return 'opened';
    }
  }
}

async function epochsOf(
  send: SendToSearch,
  prefix: string,
  kind: IndexKind,
  deadline: Deadline,
): Promise<readonly number[]> {
  const index = indexOf(prefix, kind);
  const answer = await send({ method: 'GET', path: `/${index}/_alias` }, deadline);
  expect(answer);
  const aliases = Object.keys(answer.body[index]?.aliases ?? {});
  return aliases.map((alias) => epochOfAlias(prefix, kind, alias)).filter((epoch) => epoch !== null);
}

export function expect(answer: SearchAnswer): void {
  if (answer.status === 200) return;
  throw new Error(
    `the search cluster refuses: ${answer.status} ${JSON.stringify(answer.body?.error ?? answer.body)}`,
  );
}

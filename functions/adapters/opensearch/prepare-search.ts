import type { Deadline } from '../../core/kernel/clock.ts';
import { makeSearchClient, type SearchAnswer, type SearchConnection, type SendToSearch } from './client.ts';
import { fields, type IndexSize, indexTemplate } from './mappings.ts';
import { epochOfAlias, type IndexKind, indexKinds, indexOf, readAliasOf, writeAliasOf } from './names.ts';

export interface PrepareSearchOptions extends Omit<SearchConnection, 'name'>, IndexSize {
  readonly name?: string;
  readonly epoch: number;
  readonly indexPrefix?: string;
  readonly deadline: Deadline;
  /**
   * Whether indexes that are made now may be read at once. Not where the database has members already: a cluster that is
   * new, or lost its own, is read once a resync has proven it equal. @default true
   */
  readonly isReadable?: boolean;
}

/**
 * Provisions a cluster: templates, indexes, read aliases, and the write aliases of `epoch`. Repeatable, and safe
 * against another that prepares at the same time. `older-epoch`: a newer epoch's aliases stand, and stay.
 */
export async function prepareSearch(options: PrepareSearchOptions): Promise<'prepared' | 'older-epoch'> {
  const { epoch, indexPrefix: prefix = '', deadline, isReadable = true } = options;
  const send = makeSearchClient({ ...options, name: options.name ?? 'search' });
  for (const kind of indexKinds) {
    const readAlias = readAliasOf(prefix, kind);
    const template = indexTemplate(prefix, kind, options);
    expect(await send({ method: 'PUT', path: `/_index_template/${readAlias}`, body: template }, deadline));
    // The first epoch's alias comes with the index, in one step: an index never stands without one, and from then on
    // aliases are only ever swapped. So no late repeat can bring an older epoch's alias back.
    const aliases = { ...(isReadable && { [readAlias]: {} }), [writeAliasOf(prefix, kind, epoch)]: {} };
    const made = await send(
      { method: 'PUT', path: `/${indexOf(prefix, kind)}`, body: { aliases } },
      deadline,
    );
    if (made.body?.error?.type !== 'resource_already_exists_exception') expect(made);
    // One that stands may be older than some of its fields.
    const mapping = { properties: fields[kind] };
    expect(
      await send({ method: 'PUT', path: `/${indexOf(prefix, kind)}/_mapping`, body: mapping }, deadline),
    );
  }
  return (await swap(send, prefix, epoch, deadline)) === 'opened' ? 'prepared' : 'older-epoch';
}

export type OpenSearchEpochOptions = Omit<PrepareSearchOptions, keyof IndexSize | 'isReadable'>;

/**
 * Opens a cluster that is prepared for the writers of `epoch`, and closes it to all older ones, in one step for all
 * its indexes. The same epoch again is `opened`, and changes nothing.
 * @param options.isTrusted false closes it to readers too: its read aliases go in that same step
 */
export async function openSearchEpoch(
  options: OpenSearchEpochOptions & { readonly isTrusted?: boolean },
): Promise<'opened' | 'older-epoch'> {
  const send = makeSearchClient({ ...options, name: options.name ?? 'search' });
  return swap(send, options.indexPrefix ?? '', options.epoch, options.deadline, options.isTrusted);
}

/** Compare-and-set: what was seen is removed with `must_exist`, so who has been overtaken changes nothing. */
async function swap(
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

function expect(answer: SearchAnswer): void {
  if (answer.status === 200) return;
  throw new Error(
    `the search cluster refuses: ${answer.status} ${JSON.stringify(answer.body?.error ?? answer.body)}`,
  );
}

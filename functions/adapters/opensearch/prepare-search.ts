import type { Deadline } from '../../core/kernel/clock.ts';
import { makeSearchClient, type SearchConnection } from './client.ts';
import { fields, type IndexSize, indexTemplate } from './mappings.ts';
import { indexKinds, indexOf, readAliasOf, writeAliasOf } from './names.ts';
import { expect, swapEpoch } from './open-epoch.ts';

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
  return (await swapEpoch(send, prefix, epoch, deadline)) === 'opened' ? 'prepared' : 'older-epoch';
}

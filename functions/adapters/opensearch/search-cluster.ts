import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { Told } from '../../core/member/ports.ts';
import { sourceOf } from '../../core/member/source.ts';
import type { SearchCluster } from '../../core/search/ports.ts';
import { documentsOf, identifierEntryOf, storedMemberOf } from '../../core/search/search.ts';
import { bulkLines } from './bulk.ts';
import { makeBulkSender } from './bulk-sender.ts';
import { makeSearchClient, type SearchConnection } from './client.ts';
import { type IndexKind, readAliasOf } from './names.ts';

export interface SearchClusterOptions extends SearchConnection {
  /** Before the names of all indexes and aliases; none when not given. */
  readonly indexPrefix?: string;
  /** The slot of a member's id, or of an identifier's key. */
  readonly slotOf: (id: string) => number;
}

interface GetItem {
  readonly _id?: string;
  readonly found?: boolean;
  readonly _source?: unknown;
  readonly error?: { readonly type?: string };
}

/** A search cluster, prepared by `prepareSearch`. Connects with its first call. */
export function makeSearchCluster(options: SearchClusterOptions): SearchCluster {
  const { name, indexPrefix: prefix = '', slotOf } = options;
  const send = makeSearchClient(options);
  const sendAll = makeBulkSender(options, send);

  /**
   * The documents as they stand, refreshed or not, by real-time gets. One that cannot be read sends the reader to the
   * next source: it is no "nobody", and neither is a missing index.
   */
  const get = async <Read>(
    kind: IndexKind,
    ids: readonly string[],
    read: (id: string, source: unknown) => Read | undefined,
    deadline: Deadline,
  ): Promise<readonly Told<Read>[]> => {
    const untold = (why: string) => new DependencyUnavailable(name, new Error(`${kind}: ${why}`));
    const docs = ids.map((id) => ({ _id: id, routing: id }));
    const path = `/${readAliasOf(prefix, kind)}/_mget`;
    const query = { realtime: true, filter_path: 'docs._id,docs.found,docs._source,docs.error.type' };
    const answer = await send({ method: 'POST', path, query, body: { docs } }, deadline);
    const found: readonly GetItem[] | undefined = answer.body?.docs;
    if (answer.status !== 200 || found?.length !== ids.length) throw untold(`status ${answer.status}`);
    // Closed to readers, or never opened: nothing can be told of anything.
    if (found[0]?.error?.type === 'index_not_found_exception') throw untold('no read alias');
    return ids.map((id, at) => {
      const item = found[at];
      if (item?._id !== id || typeof item.found !== 'boolean') return untold(item?.error?.type ?? 'no item');
      if (!item.found) return null;
      return read(id, item._source) ?? untold('a document of another form');
    });
  };

  return {
    ...sourceOf({
      name,
      members: (memberIds, deadline) => get('members', memberIds, storedMemberOf, deadline),
      identifiers: (keys, deadline) =>
        get('identifiers', keys, (_, source) => identifierEntryOf(source), deadline),
    }),

    async put(events, epoch, deadline) {
      const documents = events.flatMap((event) => documentsOf(event));
      return (await sendAll(bulkLines({ prefix, epoch, slotOf }, documents), deadline))
        ? 'put'
        : 'stale-epoch';
    },
  };
}

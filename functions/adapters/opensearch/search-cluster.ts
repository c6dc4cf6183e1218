import { type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { Told } from '../../core/member/ports.ts';
import { sourceOf } from '../../core/member/source.ts';
import type { SearchCluster } from '../../core/search/ports.ts';
import { documentsOf, identifierEntryOf, storedMemberOf } from '../../core/search/search.ts';
import { type BulkItem, bulkBytesMax, bulkLines, outcomeOf, splitByBytes } from './bulk.ts';
import { makeSearchClient, type SearchConnection } from './client.ts';
import { type IndexKind, readAliasOf } from './names.ts';

export interface SearchClusterOptions extends SearchConnection {
  /** Before the names of all indexes and aliases; none when not given. */
  readonly indexPrefix?: string;
}

interface GetItem {
  readonly _id?: string;
  readonly found?: boolean;
  readonly _source?: unknown;
  readonly error?: { readonly type?: string };
}

/** A cluster that is busy is asked again after 100, 200 and 400 ms. */
const busyRetriesMax = 3;
const busyBackoffMs = 100;

/** A search cluster, prepared by `prepareSearch`. Connects with its first call. */
export function makeSearchCluster(options: SearchClusterOptions): SearchCluster {
  const { name, clock, indexPrefix: prefix = '' } = options;
  const send = makeSearchClient(options);

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
    return ids.map((id, at) => {
      const item = found[at];
      if (item?._id !== id || typeof item.found !== 'boolean') return untold(item?.error?.type ?? 'no item');
      if (!item.found) return null;
      return read(id, item._source) ?? untold('a document of another form');
    });
  };

  /** Sends one bulk; gives back the entries that the cluster had no room for. */
  const sendBulk = async (
    part: readonly string[],
    deadline: Deadline,
  ): Promise<readonly string[] | 'no-alias'> => {
    const query = {
      require_alias: true,
      // How long the cluster itself waits for a shard that is away; it would be a minute.
      timeout: `${Math.ceil(remainingMs(clock, deadline))}ms`,
      filter_path: 'errors,items.*.status,items.*.error.type',
    };
    const answer = await send({ method: 'POST', path: '/_bulk', query, bulkBody: part.join('') }, deadline);
    if (answer.status === 429) return part;
    const items: readonly BulkItem[] | undefined = answer.body?.items;
    if (answer.status !== 200 || items?.length !== part.length) {
      throw new DependencyUnavailable(name, new Error(`bulk: status ${answer.status}`));
    }
    const outcomes = items.map(outcomeOf);
    if (outcomes.includes('no-alias')) return 'no-alias';
    const failed = outcomes.find((outcome) => typeof outcome === 'object');
    if (failed !== undefined) throw new DependencyUnavailable(name, new Error(`bulk: ${failed.failed}`));
    return part.filter((_, at) => outcomes[at] === 'busy');
  };

  return {
    ...sourceOf({
      name,
      members: (memberIds, deadline) => get('members', memberIds, storedMemberOf, deadline),
      identifiers: (keys, deadline) =>
        get('identifiers', keys, (_, source) => identifierEntryOf(source), deadline),
    }),

    async put(events, epoch, deadline) {
      const lines = bulkLines(
        prefix,
        epoch,
        events.flatMap((event) => documentsOf(event)),
      );
      for (const part of splitByBytes(lines, bulkBytesMax)) {
        let left = await sendBulk(part, deadline);
        for (let retry = 0; left !== 'no-alias' && left.length > 0; retry++) {
          const backoffMs = busyBackoffMs * 2 ** retry;
          if (retry === busyRetriesMax || remainingMs(clock, deadline) <= backoffMs) {
            throw new DependencyUnavailable(name, new Error('bulk: status 429'));
          }
          await clock.sleep(backoffMs);
          left = await sendBulk(left, deadline);
        }
        if (left === 'no-alias') return 'stale-epoch';
      }
      return 'put';
    },
  };
}

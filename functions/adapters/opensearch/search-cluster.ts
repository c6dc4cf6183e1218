import { type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { SearchCluster } from '../../core/search/ports.ts';
import { documentsOf, identifierEntryOf, storedMemberOf } from '../../core/search/search.ts';
import { type BulkItem, bulkBytesMax, bulkLines, outcomeOf, splitByBytes } from './bulk.ts';
import { makeSearchClient, type SearchConnection } from './client.ts';
import { type IndexKind, readAliasOf } from './names.ts';

export interface SearchClusterOptions extends SearchConnection {
  /** Before the names of all indexes and aliases; none when not given. */
  readonly indexPrefix?: string;
}

/** A cluster that is busy is asked again after 100, 200 and 400 ms. */
const busyRetriesMax = 3;
const busyBackoffMs = 100;

/** A search cluster, prepared by `prepareSearch`. Connects with its first call. */
export function makeSearchCluster(options: SearchClusterOptions): SearchCluster {
  const { name, clock, indexPrefix: prefix = '' } = options;
  const send = makeSearchClient(options);

  /** The document as it stands, refreshed or not; null when there is none. */
  const get = async (kind: IndexKind, id: string, deadline: Deadline): Promise<unknown> => {
    const path = `/${readAliasOf(prefix, kind)}/_doc/${encodeURIComponent(id)}`;
    const answer = await send({ method: 'GET', path, query: { routing: id, realtime: true } }, deadline);
    if (answer.status === 200 && answer.body.found === true) return answer.body._source;
    // A missing index is a 404 too, and must never be taken for a member that does not exist.
    if (answer.status === 404 && answer.body.found === false) return null;
    throw new DependencyUnavailable(name, new Error(`${kind}: status ${answer.status}`));
  };

  /** A document that cannot be read sends the reader to the next source: it is no "nobody". */
  const readable = <Read>(kind: IndexKind, read: Read | undefined): Read => {
    if (read === undefined)
      throw new DependencyUnavailable(name, new Error(`${kind}: a document of another form`));
    return read;
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
    name,

    async member(memberId, deadline) {
      const found = await get('members', memberId, deadline);
      return found === null ? null : readable('members', storedMemberOf(memberId, found));
    },

    async identifier(key, deadline) {
      const found = await get('identifiers', key, deadline);
      return found === null ? null : readable('identifiers', identifierEntryOf(found));
    },

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

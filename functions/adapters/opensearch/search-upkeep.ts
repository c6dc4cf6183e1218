import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import {
  type Digest,
  type DigestKind,
  pairsMax,
  partsCount,
  type SlotParts,
} from '../../core/propagation/digests.ts';
import type { Damaged, SearchUpkeep } from '../../core/search/ports.ts';
import { identifierDocumentOf, memberDocumentOf } from '../../core/search/search.ts';
import { mendingLines } from './bulk.ts';
import { makeBulkSender } from './bulk-sender.ts';
import { makeSearchClient, type SearchAnswer } from './client.ts';
import { indexKinds, indexOf, readAliasOf } from './names.ts';
import type { SearchClusterOptions } from './search-cluster.ts';

const pageSize = 5_000;
const keepAlive = '1m';

/**
 * A search cluster from the inside: by its indexes' own names, since the read aliases are what is opened and closed. Its
 * mark of being readable is that they are there: in the cluster itself, so that it goes with what it vouches for.
 */
export function makeSearchUpkeep(options: SearchClusterOptions): SearchUpkeep {
  const { name, indexPrefix: prefix = '', slotOf } = options;
  const send = makeSearchClient(options);
  const sendAll = makeBulkSender(options, send);
  const both = indexKinds.map((kind) => indexOf(prefix, kind)).join(',');

  const failed = (why: string): DependencyUnavailable => new DependencyUnavailable(name, new Error(why));
  const expect = (answer: SearchAnswer, what: string): SearchAnswer => {
    if (answer.status === 200) return answer;
    throw failed(`${what}: status ${answer.status} ${answer.body?.error?.type ?? ''}`);
  };
  /** A shard that did not answer would be a part of the cluster that was not looked at. */
  const whole = (answer: SearchAnswer, what: string): SearchAnswer => {
    const { body } = expect(answer, what);
    if (body._shards.failed === 0 && body.timed_out === false) return answer;
    throw failed(`${what}: a shard did not answer`);
  };

  const get = async <Document>(
    kind: DigestKind,
    ids: readonly string[],
    read: (id: string, source: unknown) => Document | undefined,
    deadline: Deadline,
  ): Promise<readonly (Document | Damaged | null)[]> => {
    if (ids.length === 0) return [];
    const docs = ids.map((id) => ({ _id: id, routing: id }));
    const path = `/${indexOf(prefix, kind)}/_mget`;
    const answer = await send({ method: 'POST', path, query: { realtime: true }, body: { docs } }, deadline);
    const found: readonly {
      readonly _version?: number;
      readonly found?: boolean;
      readonly _source?: unknown;
    }[] = expect(answer, 'get').body?.docs ?? [];
    return ids.map((id, at) => {
      const item = found[at];
      if (typeof item?.found !== 'boolean') throw failed('get: no item');
      if (!item.found) return null;
      return read(id, item._source) ?? { state: 'damaged', version: item._version ?? 0 };
    });
  };

  return {
    name,

    async standing(deadline) {
      const query = { filter_path: '*.aliases,*.settings.index.uuid' };
      const answer = await send({ method: 'GET', path: `/${both}`, query }, deadline);
      if (answer.status === 404) return { incarnation: '', isReadable: false };
      const { body } = expect(answer, 'standing');
      const all = indexKinds.map((kind) => ({ kind, found: body[indexOf(prefix, kind)] }));
      return {
        incarnation: all.map(({ found }) => found?.settings?.index?.uuid ?? '').join(' '),
        isReadable: all.every(({ kind, found }) => found?.aliases?.[readAliasOf(prefix, kind)] !== undefined),
      };
    },

    async setReadable(isReadable, deadline) {
      const actions = indexKinds.map((kind) => {
        const at = { index: indexOf(prefix, kind), alias: readAliasOf(prefix, kind) };
        return isReadable ? { add: at } : { remove: { ...at, must_exist: false } };
      });
      expect(await send({ method: 'POST', path: '/_aliases', body: { actions } }, deadline), 'aliases');
    },

    async refresh(deadline) {
      expect(await send({ method: 'POST', path: `/${both}/_refresh` }, deadline), 'refresh');
    },

    async digests(kind, slots, deadline) {
      const body = {
        size: 0,
        track_total_hits: false,
        query: { bool: { filter: [{ terms: { slot: slots.map(String) } }] } },
        aggs: {
          slots: {
            terms: { field: 'slot', size: slots.length },
            aggs: {
              parts: {
                terms: { field: 'part', size: partsCount },
                aggs: { sum: { sum: { field: 'mark' } } },
              },
            },
          },
        },
      };
      const request = { method: 'POST', path: `/${indexOf(prefix, kind)}/_search`, body } as const;
      const found = whole(await send(request, deadline), 'digests').body.aggregations.slots.buckets;
      const bySlot = new Map<string, readonly PartBucket[]>(
        found.map((bucket: { readonly key: string; readonly parts: { readonly buckets: PartBucket[] } }) => [
          bucket.key,
          bucket.parts.buckets,
        ]),
      );
      return slots.map((slot) => digestsIn(bySlot.get(String(slot)) ?? []));
    },

    async pairs(kind, wanted, deadline) {
      if (wanted.length === 0) return new Map();
      const stamp = kind === 'members' ? 'version' : 'token';
      const first = {
        method: 'POST',
        path: `/${indexOf(prefix, kind)}/_search`,
        query: { scroll: keepAlive },
        body: {
          size: pageSize,
          sort: ['_doc'],
          _source: [stamp],
          query: { bool: { filter: [{ bool: { should: wanted.map(partsQuery) } }] } },
        },
      } as const;
      const pairs = new Map<string, string>();
      let page = whole(await send(first, deadline), 'pairs');
      try {
        while (page.body.hits.hits.length > 0) {
          for (const { _id, _source } of page.body.hits.hits) pairs.set(_id, String(_source?.[stamp]));
          if (pairs.size > pairsMax) throw failed(`more than ${pairsMax} ids to list`);
          const next = { scroll: keepAlive, scroll_id: page.body._scroll_id };
          page = whole(
            await send({ method: 'POST', path: '/_search/scroll', body: next }, deadline),
            'pairs',
          );
        }
      } finally {
        const done = { scroll_id: [page.body._scroll_id] };
        await send({ method: 'DELETE', path: '/_search/scroll', body: done }, deadline);
      }
      return pairs;
    },

    memberDocuments: (ids, deadline) => get('members', ids, memberDocumentOf, deadline),
    identifierDocuments: (keys, deadline) =>
      get('identifiers', keys, (_, source) => identifierDocumentOf(source), deadline),

    async mend(mendings, epoch, deadline) {
      if (mendings.length === 0) return 'mended';
      const lines = mendingLines({ prefix, epoch, slotOf }, mendings);
      return (await sendAll(lines, deadline)) ? 'mended' : 'stale-epoch';
    },
  };
}

const partsQuery = ({ slot, parts }: SlotParts) => ({
  bool: { filter: [{ term: { slot: String(slot) } }, { terms: { part: parts.map(String) } }] },
});

interface PartBucket {
  readonly key: string;
  readonly doc_count: number;
  readonly sum: { readonly value: number };
}

function digestsIn(buckets: readonly PartBucket[]): readonly Digest[] {
  const byPart = new Map(buckets.map((bucket) => [bucket.key, bucket]));
  return Array.from({ length: partsCount }, (_, part) => {
    const bucket = byPart.get(String(part));
    return { count: bucket?.doc_count ?? 0, sum: bucket?.sum.value ?? 0 };
  });
}

import { keyVersionOf } from '../../core/directory/directory.ts';
import { type Deadline, deadlineAfter } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { type KeyCensus, keyIdOf } from '../../core/member/ports.ts';
import { makeSearchClient, type SearchAnswer } from './client.ts';
import { type IndexKind, readAliasOf } from './names.ts';
import type { SearchClusterOptions } from './search-cluster.ts';

const usualPageSize = 2_000;
const keepAlive = '2m';

interface Hit {
  readonly _id: string;
  readonly _source?: { readonly sealed?: string };
}

/**
 * The keys in use in a search cluster, some thousand documents a part. It reads every document once, as they stood when
 * it began: no field of them tells the key, and none is worth it for a question that is asked once a rotation.
 */
export function makeSearchKeyCensus(
  options: Omit<SearchClusterOptions, 'slotOf'> & { readonly pageSize?: number },
): KeyCensus {
  const { name, clock, indexPrefix: prefix = '', pageSize = usualPageSize } = options;
  const send = makeSearchClient(options);

  const expect = (answer: SearchAnswer, what: string): SearchAnswer => {
    if (answer.status === 200) return answer;
    throw new DependencyUnavailable(name, new Error(`${what}: status ${answer.status}`));
  };
  /** A shard that did not answer would be a part of the cluster that was not counted. */
  const hitsOf = ({ body }: SearchAnswer): readonly Hit[] => {
    if (body._shards.failed === 0 && body.timed_out === false) return body.hits.hits;
    throw new DependencyUnavailable(name, new Error('a shard did not answer'));
  };

  async function* pagesOf(
    kind: IndexKind,
    query: Readonly<Record<string, unknown>>,
    soon: () => Deadline,
  ): AsyncGenerator<readonly Hit[]> {
    const index = readAliasOf(prefix, kind);
    expect(await send({ method: 'POST', path: `/${index}/_refresh` }, soon()), 'refresh');
    const first = { method: 'POST', path: `/${index}/_search`, query: { scroll: keepAlive } } as const;
    const body = { size: pageSize, sort: ['_doc'], ...query };
    let page = expect(await send({ ...first, body }, soon()), 'search');
    try {
      for (let hits = hitsOf(page); hits.length > 0; hits = hitsOf(page)) {
        yield hits;
        const next = { scroll: keepAlive, scroll_id: page.body._scroll_id };
        page = expect(await send({ method: 'POST', path: '/_search/scroll', body: next }, soon()), 'scroll');
      }
    } finally {
      const done = { scroll_id: [page.body._scroll_id] };
      await send({ method: 'DELETE', path: '/_search/scroll', body: done }, soon());
    }
  }

  return {
    name,
    async *parts(partMs) {
      const soon = (): Deadline => deadlineAfter(clock, partMs);
      for await (const hits of pagesOf('members', { _source: ['sealed'] }, soon)) {
        yield { sealedWith: countBy(hits, ({ _source }) => keyIdOf(_source?.sealed ?? '')), boundUnder: {} };
      }
      const bound = { _source: false, query: { term: { state: 'bound' } } };
      for await (const hits of pagesOf('identifiers', bound, soon)) {
        yield { sealedWith: {}, boundUnder: countBy(hits, ({ _id }) => keyVersionOf(_id)) };
      }
    },
  };
}

function countBy(hits: readonly Hit[], nameOf: (hit: Hit) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const hit of hits) counts[nameOf(hit)] = (counts[nameOf(hit)] ?? 0) + 1;
  return counts;
}

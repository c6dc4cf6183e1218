/**
 * The indexes: keyword fields, nothing that is not declared, always routed. A field is indexed only if somebody searches by
 * it. Nothing sorts; digests alone aggregate, by the three fields that a document has for them (`mark` is the one number:
 * the cluster adds them up, so that a billion documents are compared without sending one).
 */
import { type IndexKind, readAliasOf } from './names.ts';

const searched = { type: 'keyword', doc_values: false } as const;
const kept = { type: 'keyword', index: false, doc_values: false } as const;

const compared = {
  slot: { type: 'keyword' },
  part: { type: 'keyword' },
  mark: { type: 'long', index: false },
} as const;

export const fields = {
  members: { format: kept, memberId: kept, version: kept, status: searched, sealed: kept, ...compared },
  identifiers: {
    format: kept,
    state: searched,
    memberId: searched,
    token: kept,
    version: kept,
    ...compared,
  },
} as const satisfies Record<IndexKind, object>;

/** What is slow here is far from what a lookup may take. The log holds queries: keyed hashes, nothing in clear. */
const slowLog = {
  'index.search.slowlog.threshold.query.warn': '200ms',
  'index.search.slowlog.threshold.fetch.warn': '200ms',
  'index.indexing.slowlog.threshold.index.warn': '500ms',
  // Not the document that was written.
  'index.indexing.slowlog.source': '0',
} as const;

export interface IndexSize {
  /** A multiple of the data nodes; none should come above 50 GB. */
  readonly shards: number;
  readonly replicas: number;
}

/** The body of an index template. */
export function indexTemplate(prefix: string, kind: IndexKind, { shards, replicas }: IndexSize) {
  return {
    index_patterns: [`${readAliasOf(prefix, kind)}-0*`],
    priority: 100,
    template: {
      settings: { number_of_shards: shards, number_of_replicas: replicas, ...slowLog },
      mappings: { dynamic: 'strict', _routing: { required: true }, properties: fields[kind] },
    },
  };
}

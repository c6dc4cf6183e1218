/**
 * The indexes: keyword fields only, nothing that is not declared, always routed. A field is indexed only if somebody
 * searches by it; nothing sorts or aggregates, so none has doc values.
 */
import { type IndexKind, readAliasOf } from './names.ts';

const searched = { type: 'keyword', doc_values: false } as const;
const kept = { type: 'keyword', index: false, doc_values: false } as const;

const fields = {
  members: { format: kept, memberId: kept, version: kept, status: searched, sealed: kept },
  identifiers: { format: kept, state: searched, memberId: searched, token: kept, version: kept },
} as const satisfies Record<IndexKind, object>;

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
      settings: { number_of_shards: shards, number_of_replicas: replicas },
      mappings: { dynamic: 'strict', _routing: { required: true }, properties: fields[kind] },
    },
  };
}

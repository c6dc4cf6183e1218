import type { SearchDocument } from '../../core/search/search.ts';
import { writeAliasOf } from './names.ts';

/** Two bulks of several times this size at once trip the memory limit of a small node. */
export const bulkBytesMax = 5 * 1024 * 1024;

/** The two lines of each document in a `_bulk` body: the action, then the document. */
export function bulkLines(
  prefix: string,
  epoch: number,
  documents: readonly SearchDocument[],
): readonly string[] {
  return documents.map(({ index, id, document }) => {
    const action = {
      _index: writeAliasOf(prefix, index, epoch),
      _id: id,
      routing: id,
      version: document.version,
      version_type: 'external',
    };
    return `${JSON.stringify({ index: action })}\n${JSON.stringify(document)}\n`;
  });
}

/** Splits in order, each part at most `bytesMax`; a single entry that is larger goes alone. */
export function splitByBytes(lines: readonly string[], bytesMax: number): readonly (readonly string[])[] {
  const parts: string[][] = [];
  let part: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const lineBytes = Buffer.byteLength(line);
    if (part.length > 0 && bytes + lineBytes > bytesMax) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(line);
    bytes += lineBytes;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/**
 * What became of one document. `put`: also when one as new stands there already. `no-alias`: the epoch's alias is gone.
 * `busy`: the cluster has no room for it now.
 */
export type ItemOutcome = 'put' | 'no-alias' | 'busy' | { readonly failed: string };

export interface BulkItem {
  readonly index?: { readonly status?: number; readonly error?: { readonly type?: string } };
}

export function outcomeOf(item: BulkItem | undefined): ItemOutcome {
  const { status = 0, error } = item?.index ?? {};
  if (
    (status >= 200 && status < 300) ||
    (status === 409 && error?.type === 'version_conflict_engine_exception')
  ) {
    return 'put';
  }
  if (status === 404 && error?.type === 'index_not_found_exception') return 'no-alias';
  if (status === 429) return 'busy';
  return { failed: `${status} ${error?.type ?? 'without a reason'}` };
}

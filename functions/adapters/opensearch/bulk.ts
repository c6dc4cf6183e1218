import { markOf, partOf } from '../../core/propagation/digests.ts';
import type { Mending } from '../../core/search/ports.ts';
import type { SearchDocument } from '../../core/search/search.ts';
import { writeAliasOf } from './names.ts';

/** Two bulks of several times this size at once trip the memory limit of a small node. */
export const bulkBytesMax = 5 * 1024 * 1024;

/** Where the bulks of an installation go. */
export interface BulkTarget {
  readonly prefix: string;
  readonly epoch: number;
  /** The slot of a member's id, or of an identifier's key. */
  readonly slotOf: (id: string) => number;
}

/** The two lines of each document in a `_bulk` body: the action, then the document. What is as new already stays. */
export const bulkLines = (target: BulkTarget, documents: readonly SearchDocument[]): readonly string[] =>
  documents.map((document) => indexLines(target, document, 'external'));

/** The same of mendings: what stands at the same version is written again, as it should be. */
export const mendingLines = (target: BulkTarget, mendings: readonly Mending[]): readonly string[] =>
  mendings.map((mending) => {
    if ('document' in mending) return indexLines(target, mending, 'external_gte');
    const { index, id, gone } = mending;
    return `${JSON.stringify({ delete: actionOf(target, index, id, gone.version, 'external_gte') })}\n`;
  });

type Versioning = 'external' | 'external_gte';

function indexLines(
  target: BulkTarget,
  { index, id, document }: SearchDocument,
  versioning: Versioning,
): string {
  const action = actionOf(target, index, id, document.version, versioning);
  const compared = comparedFields(target.slotOf(id), id, document);
  return `${JSON.stringify({ index: action })}\n${JSON.stringify({ ...document, ...compared })}\n`;
}

const actionOf = (
  { prefix, epoch }: BulkTarget,
  index: SearchDocument['index'],
  id: string,
  version: number,
  versioning: Versioning,
) => ({
  _index: writeAliasOf(prefix, index, epoch),
  _id: id,
  routing: id,
  version,
  version_type: versioning,
});

/** What digests are made of. A free identifier has none of it: it is not compared. */
function comparedFields(slot: number, id: string, document: SearchDocument['document']) {
  if ('state' in document && document.state === 'free') return {};
  const stamp = 'token' in document ? document.token : String(document.version);
  return { slot: String(slot), part: String(partOf(id)), mark: markOf(id, stamp) };
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

interface ItemAnswer {
  readonly status?: number;
  readonly error?: { readonly type?: string };
}

export interface BulkItem {
  readonly index?: ItemAnswer;
  readonly delete?: ItemAnswer;
}

export function outcomeOf(item: BulkItem | undefined): ItemOutcome {
  const { status = 0, error } = item?.index ?? item?.delete ?? {};
  const wasNotThere = status === 404 && error === undefined && item?.delete !== undefined;
  if (
    (status >= 200 && status < 300) ||
    wasNotThere ||
    (status === 409 && error?.type === 'version_conflict_engine_exception')
  ) {
    return 'put';
  }
  if (status === 404 && error?.type === 'index_not_found_exception') return 'no-alias';
  if (status === 429) return 'busy';
  return { failed: `${status} ${error?.type ?? 'without a reason'}` };
}

/**
 * What stands in a search cluster, by name. Reads go through the read aliases, writes through those of their epoch;
 * the indexes' own names are for provisioning only. `prefix` keeps several installations on one cluster apart.
 */
export const indexKinds = ['members', 'identifiers'] as const;

export type IndexKind = (typeof indexKinds)[number];

export const indexOf = (prefix: string, kind: IndexKind): string => `${prefix}${kind}-000001`;

export const readAliasOf = (prefix: string, kind: IndexKind): string => `${prefix}${kind}`;

export const writeAliasOf = (prefix: string, kind: IndexKind, epoch: number): string =>
  `${prefix}${kind}-e${epoch}`;

/** The epoch of a write alias of `kind`, or null when `alias` is none. */
export function epochOfAlias(prefix: string, kind: IndexKind, alias: string): number | null {
  const start = `${prefix}${kind}-e`;
  const epoch = alias.startsWith(start) ? alias.slice(start.length) : '';
  return /^\d+$/.test(epoch) ? Number(epoch) : null;
}

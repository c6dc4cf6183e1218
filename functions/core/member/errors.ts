/**
 * A stored member does not open: it was tampered with, swapped or damaged, or its key or format is unknown here. A copy
 * that does not open tells nothing, and another source is asked; at the writer it has to be seen.
 */
export class SealBroken extends Error {
  readonly code = 'seal-broken';
}

import type { Registration } from './registration.ts';

/** A registry, or a part of one, as it is stored. Read by `adapters/parameters/registry-text.ts`. */
export const registryText = (callers: readonly Registration[]): string =>
  JSON.stringify({ format: 1, callers });

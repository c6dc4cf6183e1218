import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { SearchEpochs } from '../../core/search/ports.ts';
import type { SearchConnection } from './client.ts';
import { openSearchEpoch } from './open-epoch.ts';

/** The write aliases of a search cluster. One that refuses, or is not prepared, is one that does not answer. */
export function makeSearchEpochs(
  options: SearchConnection & { readonly indexPrefix?: string },
): SearchEpochs {
  const { name } = options;
  return {
    name,
    async open(epoch, isTrusted, deadline) {
      try {
        return await openSearchEpoch({ ...options, epoch, isTrusted, deadline });
      } catch (error) {
        throw error instanceof DependencyUnavailable ? error : new DependencyUnavailable(name, error);
      }
    },
  };
}

/** Search clusters as a resync leaves them: nothing in them that the database does not say. Then they are read again. */
import { documentsOf } from '../../functions/core/search/search.ts';
import type { Engines } from './engines.ts';
import type { Truth } from './truth.ts';

export function resyncByHand({ search, distrusted }: Engines, truth: Truth): void {
  for (const { members, identifiers } of Object.values(search)) {
    for (const [memberId, { version }] of members) {
      if (truth.isLost(memberId, version)) members.delete(memberId);
    }
    for (const [key, { state, version }] of identifiers) {
      if (state === 'bound' && !truth.owners.has(key))
        identifiers.set(key, { format: 1, state: 'free', version });
    }
    for (const { event } of truth.members.values()) {
      for (const { index, id, document } of documentsOf(event, 'all')) {
        if (index === 'members') members.set(id, document);
        else if (document.state === 'bound') identifiers.set(id, document);
      }
    }
  }
  distrusted.clear();
}

import type { Deadline } from '../kernel/clock.ts';
import type { MemberSource } from '../member/ports.ts';
import type { MemberEvent } from '../propagation/event.ts';

/** One search cluster. As a {@link MemberSource} it answers by real-time gets: see `search.ts` for why. */
export interface SearchCluster extends MemberSource {
  /**
   * Puts an event's documents, through the write alias of `epoch`. External versioning: a document that is already
   * as new, or newer, is left alone and counts as put.
   * - `stale-epoch`: there is no such alias (any more): a writer of an older epoch changes nothing here.
   */
  put(events: readonly MemberEvent[], epoch: number, deadline: Deadline): Promise<'put' | 'stale-epoch'>;
}

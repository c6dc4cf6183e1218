import { type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { type BulkItem, bulkBytesMax, outcomeOf, splitByBytes } from './bulk.ts';
import type { SearchConnection, SendToSearch } from './client.ts';

/** A cluster that is busy is asked again after 100, 200 and 400 ms. */
const busyRetriesMax = 3;
const busyBackoffMs = 100;

/** Sends the entries of bulks, split where they are too large for one. False: the write alias they go to is gone. */
export function makeBulkSender(
  { name, clock }: Pick<SearchConnection, 'name' | 'clock'>,
  send: SendToSearch,
) {
  /** Sends one bulk; gives back the entries that the cluster had no room for. */
  const sendBulk = async (
    part: readonly string[],
    deadline: Deadline,
  ): Promise<readonly string[] | 'no-alias'> => {
    const query = {
      require_alias: true,
      // How long the cluster itself waits for a shard that is away; it would be a minute.
      timeout: `${Math.ceil(remainingMs(clock, deadline))}ms`,
      filter_path: 'errors,items.*.status,items.*.error.type',
    };
    const answer = await send({ method: 'POST', path: '/_bulk', query, bulkBody: part.join('') }, deadline);
    if (answer.status === 429) return part;
    const items: readonly BulkItem[] | undefined = answer.body?.items;
    if (answer.status !== 200 || items?.length !== part.length) {
      throw new DependencyUnavailable(name, new Error(`bulk: status ${answer.status}`));
    }
    const outcomes = items.map(outcomeOf);
    if (outcomes.includes('no-alias')) return 'no-alias';
    const failed = outcomes.find((outcome) => typeof outcome === 'object');
    if (failed !== undefined) throw new DependencyUnavailable(name, new Error(`bulk: ${failed.failed}`));
    return part.filter((_, at) => outcomes[at] === 'busy');
  };

  return async (lines: readonly string[], deadline: Deadline): Promise<boolean> => {
    for (const part of splitByBytes(lines, bulkBytesMax)) {
      let left = await sendBulk(part, deadline);
      for (let retry = 0; left !== 'no-alias' && left.length > 0; retry++) {
        const backoffMs = busyBackoffMs * 2 ** retry;
        if (retry === busyRetriesMax || remainingMs(clock, deadline) <= backoffMs) {
          throw new DependencyUnavailable(name, new Error('bulk: status 429'));
        }
        await clock.sleep(backoffMs);
        left = await sendBulk(left, deadline);
      }
      if (left === 'no-alias') return false;
    }
    return true;
  };
}

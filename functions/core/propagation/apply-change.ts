/** The consumer of a centre's queue: puts an event into the search clusters that this centre's queue feeds. */
import type { CentreState } from '../failover/centre-state.ts';
import { shareMs } from '../failover/durations.ts';
import { type Clock, type Deadline, within } from '../kernel/clock.ts';
import { DependencyUnavailable, reached } from '../kernel/invariant.ts';
import type { SinkName } from './event.ts';
import type { Outbox, SyncMessage } from './ports.ts';
import { type Sinks, searchSink } from './propagate.ts';

export interface ApplyChangePorts {
  readonly sinks: Pick<Sinks, 'search'>;
  readonly outbox: Pick<Outbox, 'delivered'>;
  readonly centreState: CentreState;
  readonly clock: Clock;
}

/**
 * @throws DependencyUnavailable when a sink did not take the event: the message comes again. A message twice, late or
 * out of order changes nothing: documents are versioned. One that a writer of an older epoch sent is let go.
 */
export function makeApplyChange(
  ports: ApplyChangePorts,
): (message: SyncMessage, deadline: Deadline) => Promise<void> {
  const { sinks, outbox, centreState, clock } = ports;

  return async (message, deadline) => {
    const { epoch } = await centreState.current(deadline);
    // Its change may have been lost with its epoch: if it was not, the relay of this one brings it.
    if ((message.epoch ?? message.event.epoch) < epoch) return;
    const done: SinkName[] = [];
    for (const [name, { cluster }] of Object.entries(sinks.search)) {
      const sink = searchSink(name);
      if (!message.sinks.includes(sink)) continue;
      const put = await cluster.put([message.event], epoch, within(clock, deadline, shareMs.search));
      if (put === 'stale-epoch') {
        // A promotion has moved the alias on: the next try knows the new epoch.
        await centreState.refresh(deadline);
        throw new DependencyUnavailable(name, new Error(`no write alias of epoch ${epoch}`));
      }
      done.push(sink);
    }
    // Best effort: what is not struck off here the relay puts once more.
    await reached(outbox.delivered(message.databaseCluster, message.sequence, done, deadline));
  };
}

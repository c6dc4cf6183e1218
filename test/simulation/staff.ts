/** Keeps the processes running: API processes, relays (which overlap at times) and consumers of both centres. */
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { nothingUnexpected, type Violation } from './checks.ts';
import {
  type ApiProcess,
  type ConsumerProcess,
  makeApiProcess,
  makeConsumerProcess,
  makeRelayProcess,
  type RelayProcess,
  type Shared,
} from './processes.ts';

export interface Staff {
  readonly api: () => readonly ApiProcess[];
  readonly relays: () => readonly RelayProcess[];
  readonly consumers: () => readonly ConsumerProcess[];
}

export function employ(
  shared: Shared,
  apiProcesses: number,
  isOver: () => boolean,
  report: (violation: Violation) => void,
): Staff {
  const { scheduler, random } = shared.surroundings;
  const { queues } = shared.engines;
  const api = new Set<ApiProcess>();
  const relays = new Set<RelayProcess>();
  const consumers = new Set<ConsumerProcess>();
  let names = 0;

  const unexpected =
    (what: string) =>
    (error: unknown): void => {
      if (!(error instanceof DependencyUnavailable)) report(nothingUnexpected(what, error));
    };

  const startApi = (centre: CentreName): void => {
    const process = makeApiProcess(`api-${centre}${++names}`, centre, shared);
    api.add(process);
    process.onCrash(() => {
      api.delete(process);
      scheduler.after(random.pause(500), () => startApi(centre));
    });
  };

  /** A relay runs for a while; the next one begins before it ends, or some time after it has crashed. */
  const startRelay = (centre: CentreName): void => {
    if (isOver()) return;
    const process = makeRelayProcess(`relay-${centre}${++names}`, centre, shared);
    relays.add(process);
    const lengthMs = random.between(4_000, 15_000);
    let isFollowed = false;
    const follow = (): void => {
      if (!isFollowed) startRelay(centre);
      isFollowed = true;
    };
    process.relay.run(deadlineAfter(process.clock, lengthMs)).then(
      () => {
        relays.delete(process);
        follow();
      },
      unexpected(`relay of ${centre}`),
    );
    scheduler.after(lengthMs * random.between(0.5, 1.2), follow);
    process.onCrash(() => {
      relays.delete(process);
      scheduler.after(random.pause(1_000), follow);
    });
  };

  /** Takes messages from anywhere in its queue, at times twice, and puts back what failed. */
  const startConsumer = (centre: CentreName): void => {
    const process = makeConsumerProcess(`consumer-${centre}${++names}`, centre, shared);
    const queue = queues[centre];
    consumers.add(process);
    process.onCrash(() => {
      consumers.delete(process);
      scheduler.after(random.pause(500), () => startConsumer(centre));
    });
    const next = (): void => {
      if (process.isDead()) return;
      const index = random.below(Math.min(queue.length, 8));
      const message = queue[index];
      if (!message || process.isFrozen()) {
        scheduler.after(10 + random.pause(20), next);
        return;
      }
      const isHandedOutAgain = random.chance(0.15);
      if (!isHandedOutAgain) queue.splice(index, 1);
      let isSettled = isHandedOutAgain;
      const putBack = (): void => {
        if (!isSettled) queue.push(message);
        isSettled = true;
      };
      process.onCrash(putBack);
      process.apply(message, deadlineAfter(process.clock, 2_000)).then(
        () => {
          isSettled = true;
          next();
        },
        (error: unknown) => {
          putBack();
          unexpected(`consumer of ${centre}`)(error);
          scheduler.after(random.pause(100), next);
        },
      );
    };
    next();
  };

  for (const centre of centreNames) {
    for (let count = 0; count < apiProcesses; count++) startApi(centre);
    startRelay(centre);
    startConsumer(centre);
  }
  return { api: () => [...api], relays: () => [...relays], consumers: () => [...consumers] };
}

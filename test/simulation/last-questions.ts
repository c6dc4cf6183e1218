/** At rest, whoever asks must be served again: by the caches, and with every identifier that is free. */
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { centreNames } from '../../functions/core/propagation/event.ts';
import type { Asking } from './asking.ts';
import { keyOf } from './cheap-crypto.ts';
import { broken, type Violation } from './checks.ts';
import { type ApiProcess, makeApiProcess, makeRelayProcess, type Shared } from './processes.ts';
import type { Truth } from './truth.ts';
import type { Wishes } from './wishes.ts';

const caller = 'last-caller';

export interface LastQuestionsPorts {
  readonly shared: Shared;
  readonly truth: Truth;
  readonly asking: Asking;
  readonly wishes: Wishes;
  /** Carries a flow on until it has come to its end. */
  readonly carry: (flow: Promise<unknown>) => Promise<void>;
  readonly report: (violation: Violation | null) => void;
}

export async function askLastQuestions(ports: LastQuestionsPorts): Promise<void> {
  const { shared, truth, asking, wishes, carry, report } = ports;
  const processes: readonly ApiProcess[] = centreNames.map((centre) =>
    makeApiProcess(`last-api-${centre}`, centre, shared),
  );
  for (const process of processes) {
    for (const identifier of wishes.identifiers) {
      const key = keyOf(identifier);
      await carry(asking.lookUp(identifier, process, caller).then((answer) => report(isFresh(answer, key))));
    }
  }
  const [process] = processes;
  // Leases and grants must go on meanwhile.
  for (const centre of centreNames) {
    const { relay, clock } = makeRelayProcess(`last-relay-${centre}`, centre, shared);
    void relay.run(deadlineAfter(clock, 600_000));
  }
  for (const identifier of wishes.identifiers) {
    const key = keyOf(identifier);
    if (!process || truth.owners.has(key)) continue;
    await carry(
      asking.write(wishes.registration([identifier]), process, caller).then((outcome) => {
        const isDone = outcome !== 'lost' && outcome.kind === 'done';
        if (!isDone)
          report(broken('I6', 'noIdentifierStuck', `${key} is free and cannot be registered`, [key]));
      }),
    );
  }
}

function isFresh(answer: { readonly freshness: string } | 'lost', key: string): Violation | null {
  const how = answer === 'lost' ? 'not at all' : answer.freshness;
  if (how === 'fresh') return null;
  return broken('I6', 'answersAreFreshAgain', `at rest, ${key} is answered ${how}`, [key]);
}

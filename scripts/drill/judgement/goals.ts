/** What a drill must show: it fails, with the reasons, when it does not. */
import type { Scenario } from '../scenario.ts';
import type { ScenarioFigures } from './scenario-figures.ts';

export const goals = {
  criticalReadAvailability: 0.9999,
  writeAvailability: 0.9999,
  switchSeconds: 1,
  promotionSeconds: 10,
  convergedSeconds: 30,
} as const;

export interface Totals {
  readonly criticalReadAvailability: number;
  readonly writeAvailabilityOutsidePromotion: number;
  /** Null: it is not known, for want of a writer to ask. */
  readonly lostAcknowledged: number | null;
  readonly silentStale: number;
  readonly twoOwners: number;
  readonly divergedSinks: number;
  readonly promotionSeconds: number | null;
  /** From the last fault's end; null: never. */
  readonly convergedSeconds: number | null;
  /** Of the judge: whatever else an answer cannot have been. */
  readonly otherFaults: number;
  /** What the consistency observer missed. */
  readonly observerMisses: number;
}

/** Each reason a sentence. None: every goal holds. */
export function reasonsAgainst(
  totals: Totals,
  figures: readonly ScenarioFigures[],
  scenarios: readonly Pick<Scenario, 'name' | 'of' | 'switches'>[],
): readonly string[] {
  const reasons: string[] = [];
  const demand = (holds: boolean, reason: string): void => void (holds || reasons.push(reason));
  const none = (count: number, what: string): void => demand(count === 0, `${count} ${what}`);

  for (const { name, criticalReads, switchSeconds } of figures) {
    const scenario = scenarios.find((one) => one.name === name);
    if (scenario?.of === 'engine')
      none(criticalReads.client.failed, `critical reads failed in ${name}, the loss of a single engine`);
    demand(
      switchSeconds === null || switchSeconds < goals.switchSeconds,
      `reads felt ${name} for ${switchSeconds} s; a switch takes less than ${goals.switchSeconds} s`,
    );
  }
  const least = (share: number, goal: number, what: string): void =>
    demand(share >= goal, `${what} were ${percent(share)} available; the goal is ${percent(goal)}`);
  least(totals.criticalReadAvailability, goals.criticalReadAvailability, 'critical reads');
  least(totals.writeAvailabilityOutsidePromotion, goals.writeAvailability, 'writes outside promotions');
  const { promotionSeconds, convergedSeconds } = totals;
  demand(
    promotionSeconds === null || promotionSeconds < goals.promotionSeconds,
    `the promotion took ${promotionSeconds} s; the goal is below ${goals.promotionSeconds} s`,
  );
  none(totals.lostAcknowledged ?? 0, 'acknowledged writes are lost');
  demand(totals.lostAcknowledged !== null, 'there is no writer to ask for what was acknowledged');
  none(totals.silentStale, 'stale answers called themselves fresh');
  none(totals.twoOwners, 'identifiers have two owners');
  none(totals.divergedSinks, 'sinks do not equal the database');
  none(totals.otherFaults, 'answers cannot have been, by the judge');
  none(totals.observerMisses, 'answers missed an acknowledged write, by the consistency observer');
  demand(
    convergedSeconds !== null && convergedSeconds <= goals.convergedSeconds,
    `the sinks were equal to the database ${convergedSeconds === null ? 'never' : `${convergedSeconds} s after the last fault`}; the goal is ${goals.convergedSeconds} s`,
  );
  return reasons;
}

const percent = (share: number): string => `${(share * 100).toFixed(3)} %`;

/** What became of a promotion, for a person to read. */
import type { PromotionOutcome } from '../../functions/core/failover/promotion.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';

export function describe(to: CentreName, outcome: PromotionOutcome): string {
  switch (outcome.kind) {
    case 'promoted': {
      const { epoch, how, servers, taken, left } = outcome;
      const named = Object.entries(servers)
        .filter(([, server]) => server !== null)
        .map(([cluster, server]) => `${cluster} on ${server}`);
      return [
        `${to} writes since epoch ${epoch} (${how})${named.length > 0 ? `: ${named.join(', ')}` : ''}.`,
        ...(taken > 0 ? [`${taken} changes came out of the journal: "npm run ledger" lists them.`] : []),
        ...(left.length > 0 ? [`Not reached yet, and seen to when it is back: ${left.join(', ')}.`] : []),
      ].join('\n');
    }
    case 'standing':
      return `${to} writes already, since epoch ${outcome.epoch}.`;
    case 'not-ready':
      return `Not ready, and nothing was changed: ${outcome.reasons.join('; ')}.`;
    case 'stopped':
      return `Stopped at "${outcome.at}": ${outcome.reason}. Run it again: it goes on from there.`;
    case 'overtaken':
      return `Stopped at "${outcome.at}": another promotion has begun a newer epoch. See which centre writes before you run it again.`;
  }
}

import { type CentreName, centreNames } from './core/propagation/event.ts';
import type { Lazily } from './runtime/api/parts.ts';
import type { PromoteParts } from './runtime/batch.ts';
import { promoteParts } from './runtime/composition/promote-writer.ts';

/** What an operator invokes it with. */
interface Order {
  readonly to: CentreName;
  readonly planned?: boolean;
}

/**
 * Moves the writers of all database clusters to the centre that this function runs in. By an operator's hand alone; may
 * be invoked again at any time, and goes on from where it stopped. See `docs/promotion.md`.
 */
export const makePromoteWriter =
  (parts: Lazily<PromoteParts>) =>
  async (order: Partial<Order>): Promise<object> => {
    const { centre, promote, log } = parts();
    if (!centreNames.some((name) => name === order.to) || order.to !== centre)
      throw new Error(`{"to": "${centre}"} is what this function does; the other centre has its own`);
    const outcome = await promote({ onlyPlanned: order.planned ?? false });
    log({ operation: 'promote-writer', centre, outcome: outcome.kind, promotion: outcome });
    return outcome;
  };

export const handler = makePromoteWriter(promoteParts);

/** How many environments each lane has in a centre on this machine: what reserved concurrency is elsewhere. */
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { PoolOptions } from './functions.ts';

export const poolSizes: Readonly<
  Record<Lane, Pick<PoolOptions, 'environmentsMin' | 'environmentsMax' | 'niceness'>>
> = {
  critical: { environmentsMin: 2, environmentsMax: 4 },
  marketing: { environmentsMin: 1, environmentsMax: 2, niceness: 10 },
};

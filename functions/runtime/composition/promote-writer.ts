/** The parts of the function that promotes its centre. */
import { makeAuroraEngine } from '../../adapters/rds/aurora-engine.ts';
import type { Lazily } from '../api/parts.ts';
import type { PromoteParts } from '../batch.ts';
import { readSettings, type Settings, SettingsInvalid } from '../env.ts';
import { logToStandardOutput } from '../telemetry.ts';

import { makePromotionOf } from './promotion.ts';
import { makeShared, once } from './shared.ts';

export const promoteParts: Lazily<PromoteParts> = once(() => makePromoteParts(readSettings(process.env)));

function makePromoteParts(settings: Settings): PromoteParts {
  const { CENTRE: centre, GLOBAL_CLUSTERS: globalClusters } = settings;
  if (!globalClusters)
    throw new SettingsInvalid('The environment is not as it must be: GLOBAL_CLUSTERS is missing.');
  const shared = makeShared(settings, 'background');
  const log = logToStandardOutput;
  const { promote } = makePromotionOf(settings, shared, {
    engine: makeAuroraEngine({ globalClusters, clock: shared.clock }),
    onStep: (step, tookMs) => log({ operation: 'promote-writer', centre, step, tookMs: Math.round(tookMs) }),
  });
  return { centre, promote, log };
}

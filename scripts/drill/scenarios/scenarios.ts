/** All scenarios, in the order that a whole drill has them. */
import type { Scenario } from '../scenario.ts';
import { cacheScenarios } from './cache.ts';
import { centreScenarios } from './centre.ts';
import { databaseScenarios } from './database.ts';
import { networkScenarios } from './network.ts';
import { searchScenarios } from './search.ts';

export const scenarios: readonly Scenario[] = [
  ...searchScenarios,
  ...cacheScenarios,
  ...databaseScenarios,
  ...networkScenarios,
  ...centreScenarios,
];

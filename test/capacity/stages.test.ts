/** The sizes of each stage carry the load that it is said to be for. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routes } from '../../functions/runtime/routes.ts';
import { databaseClusters, type StageSettings, searchNames, stages } from '../../infra/centre.ts';
import { assumed } from '../../scripts/capacity/assumptions.ts';
import { capacityOf } from '../../scripts/capacity/model.ts';
import { unprovenTypes } from '../../scripts/deploy-local/stand-in.ts';

/** Of all functions of a lane. */
function environmentsOf({ functions }: StageSettings, lane: 'critical' | 'marketing'): number {
  return routes.reduce((sum, { kind }) => sum + functions.environmentsMax[lane][kind], 0);
}

test.each(['small', 'production'] as const)('%s', (name) => {
  const stage = stages[name];
  const { sizes } = capacityOf(stage.workload, assumed());
  expect(databaseClusters(stage).length).toBeGreaterThanOrEqual(sizes.databaseClusters);
  expect(stage.cache.clusters).toBeGreaterThanOrEqual(sizes.cacheGroups);
  expect(stage.functions.consumersMax).toBeGreaterThanOrEqual(sizes.consumerConcurrency);
  expect(environmentsOf(stage, 'critical')).toBeGreaterThanOrEqual(sizes.criticalConcurrency);
  expect(environmentsOf(stage, 'marketing')).toBeGreaterThanOrEqual(sizes.marketingConcurrency);
  for (const search of searchNames) {
    const { dataNodes, shards, volumeGb } = stage.search[search];
    const ofNodes = capacityOf(stage.workload, assumed({ searchNodeDiskBytes: volumeGb * 1e9 }));
    expect(dataNodes, search).toBeGreaterThanOrEqual(ofNodes.sizes.searchDataNodes);
    expect(shards % dataNodes, search).toBe(0);
    const indexes = ofNodes.figures.filter(({ name: figure }) => figure.endsWith(' index'));
    expect(indexes).toHaveLength(2);
    for (const { value } of indexes) expect(value / shards, search).toBeLessThanOrEqual(50e9);
  }
});

test('the docs list every type that a local deployment does not prove', () => {
  const text = readFileSync('docs/deployment.md', 'utf8');
  for (const type of unprovenTypes) expect(text).toContain(`\`${type}\``);
});

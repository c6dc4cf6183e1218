import { describe, expect, test } from 'vitest';
import { makeReplicaWatch } from '../../../functions/core/failover/replica-watch.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../../functions/core/kernel/invariant.ts';
import { makeHandClock } from '../../adapters/wall-clock.ts';

const clock = makeHandClock();
const outOf = (lags: Readonly<Record<string, number | null>>): Promise<readonly string[]> =>
  makeReplicaWatch({
    databaseClusters: ['c0', 'c1'],
    replicas: ['b-0', 'b-1', 'b-2'],
    clock,
    control: {
      async lagMs(cluster, replica) {
        const lag = lags[`${cluster} ${replica}`] ?? lags[replica];
        if (lag === null || lag === undefined) throw new DependencyUnavailable(replica, undefined);
        return lag;
      },
    },
  })(deadlineAfter(clock, 1_000));

describe('replicas that are not read', () => {
  test('none while all are about as far', async () => {
    expect(await outOf({ 'b-0': 10, 'b-1': 400, 'b-2': 4_900 })).toEqual([]);
  });

  test('one that does not answer, or lags beyond the others, in any database cluster', async () => {
    expect(await outOf({ 'b-0': 10, 'b-1': null, 'b-2': 10 })).toEqual(['b-1']);
    expect(await outOf({ 'b-0': 10, 'b-1': 10, 'b-2': 10, 'c1 b-2': 5_011 })).toEqual(['b-2']);
  });

  test('none when no heart beats any more: all are as good as before', async () => {
    expect(await outOf({ 'b-0': 90_000, 'b-1': 90_100, 'b-2': 91_000 })).toEqual([]);
  });

  test('all when none answers', async () => {
    expect(await outOf({ 'b-0': null, 'b-1': null, 'b-2': null })).toEqual(['b-0', 'b-1', 'b-2']);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Topology, TopologyStore } from '../../../functions/core/failover/topology.ts';
import { type Clock, deadlineAfter } from '../../../functions/core/kernel/clock.ts';

export interface TopologyStoreSubject {
  readonly store: TopologyStore;
  readonly clock: Clock;
  write(topology: Topology): Promise<unknown>;
  /** Puts everything back. */
  end(): Promise<void>;
}

export const sampleTopology: Topology = {
  format: 1,
  version: 3,
  epoch: 1,
  writer: 'A',
  search: { critical: ['search-primary', 'search-backup'], marketing: ['search-marketing', 'search-backup'] },
  suspendedParts: ['redis-a-1'],
  shardMapVersion: 1,
  revokedKeyHashes: ['k1'],
};

/** @param makeSubject a store that remembers nothing by itself */
export function topologyStoreContract(name: string, makeSubject: () => Promise<TopologyStoreSubject>): void {
  describe(`topology store: ${name}`, () => {
    let subject: TopologyStoreSubject;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterAll(() => subject.end());

    test('reads what was written last', async () => {
      const soon = () => deadlineAfter(subject.clock, 10_000);
      await subject.write(sampleTopology);
      expect(await subject.store.read(soon())).toEqual(sampleTopology);
      const next: Topology = { ...sampleTopology, version: 4, epoch: 2, writer: 'B', suspendedParts: [] };
      await subject.write(next);
      expect(await subject.store.read(soon())).toEqual(next);
    });
  });
}

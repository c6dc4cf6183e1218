import type { Plant } from './plant.ts';

export const lookupByOneGrant: Plant = {
  name: 'lookup-by-one-grant',
  what: "A lookup is called fresh by the grant of the identifier's own database cluster: it may have moved on in another.",
  invariants: ['I4'],
  isRare: true,
  patches: [
    {
      file: 'functions/core/cache/reader.ts',
      find: 'databaseClusters: sharding.clusters,',
      replace: 'databaseClusters: [sharding.clusterOf(key)],',
    },
  ],
};

/** What rotating keys is made of: the parts of every operator's command, and those that see whole stores. */
import { makeIdentifierHasher } from '../../functions/adapters/crypto/hashers.ts';
import { makeMysqlKeyCensus } from '../../functions/adapters/mysql/key-census.ts';
import { makeMysqlMemberWalk } from '../../functions/adapters/mysql/member-walk.ts';
import { makeSearchKeyCensus } from '../../functions/adapters/opensearch/key-census.ts';
import { makeRefresh } from '../../functions/core/member/refresh.ts';
import { makeRotation } from '../../functions/core/member/rotation.ts';
import type { operatorParts } from '../operator.ts';

/** @param keys those that identifiers shall be held under */
export function makeRotationOf(
  parts: ReturnType<typeof operatorParts>,
  keys: Parameters<typeof makeIdentifierHasher>[0],
) {
  const { stores, sharding, clusters, clock, settings } = parts;
  const ports = { ...parts, ...stores, hasher: makeIdentifierHasher(keys) };
  return makeRotation({
    ...ports,
    databaseClusters: sharding.clusters,
    walk: makeMysqlMemberWalk({ clusters, sharding }),
    refresh: makeRefresh(ports),
    stores: [
      makeMysqlKeyCensus({ clusters, sharding, clock }),
      ...Object.entries(settings.SEARCH).map(([name, { url }]) =>
        makeSearchKeyCensus({ name: `search:${name}`, url, clock }),
      ),
    ],
  });
}

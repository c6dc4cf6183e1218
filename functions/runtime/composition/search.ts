/** What stores are compared with the database and mended by: parts of the relay, and of operators' commands. */
import { makeIdentifierHasher } from '../../adapters/crypto/hashers.ts';
import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeMysqlDigests } from '../../adapters/mysql/digests.ts';
import { makeMysqlWriterSource } from '../../adapters/mysql/member-source.ts';
import { makeMysqlMemberWalk } from '../../adapters/mysql/member-walk.ts';
import { makeSearchUpkeep } from '../../adapters/opensearch/search-upkeep.ts';
import { makeIds } from '../../adapters/system/ids.ts';
import { makeCacheAudit } from '../../core/cache/cache-audit.ts';
import { makeDirectoryAudit } from '../../core/directory/directory-audit.ts';
import { makeTouch } from '../../core/member/touch.ts';
import type { RelayObserver } from '../../core/propagation/relay-observer.ts';
import type { SearchUpkeep } from '../../core/search/ports.ts';
import { makeReconcile, type Reconcile } from '../../core/search/reconcile.ts';
import type { Settings } from '../env.ts';
import { type makeShared, mapValues } from './shared.ts';

type Shared = ReturnType<typeof makeShared>;

export const upkeepOf = (
  settings: Settings,
  { clock, meter, sharding, searchUser: user }: Shared,
): Readonly<Record<string, SearchUpkeep>> =>
  mapValues(settings.SEARCH, ({ url }, name) =>
    meter.timed(
      'search',
      makeSearchUpkeep({ name: `search:${name}`, url, user, clock, slotOf: sharding.slotOf }),
    ),
  );

export function reconcileOf(shared: Shared): Reconcile {
  const { clock, random, keyring, clusters, sharding, stores } = shared;
  const hasher = makeIdentifierHasher(keyring.identifiers);
  const sealer = makeSealer(keyring.sealing, random);
  return makeReconcile({
    database: makeMysqlDigests({ clusters, sharding }),
    writer: makeMysqlWriterSource({ name: 'writer', clusters, sharding }),
    outbox: stores.outbox,
    sharding,
    touch: makeTouch({ ...shared, ...stores, hasher, sealer, ids: makeIds(clock, random) }),
  });
}

export function auditsOf(
  { clock, random, keyring, clusters, sharding, stores }: Shared,
  compared: RelayObserver['compared'],
) {
  const writer = makeMysqlWriterSource({ name: 'writer', clusters, sharding });
  return {
    cache: makeCacheAudit({ ...stores, writer, sharding, compared }),
    directory: makeDirectoryAudit({
      ...stores,
      walk: makeMysqlMemberWalk({ clusters, sharding }),
      writer,
      sharding,
      sealer: makeSealer(keyring.sealing, random),
      random: random.fraction,
      clock,
      compared,
    }),
  };
}

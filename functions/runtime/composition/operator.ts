/** The parts of operators' commands. */
import { makeIdentifierHasher, makeKeyedHasher } from '../../adapters/crypto/hashers.ts';
import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeMysqlReplicaHistory, makeMysqlWriterHistory } from '../../adapters/mysql/history-source.ts';
import { makeIds } from '../../adapters/system/ids.ts';
import { makeHistoryReader } from '../../core/member/history-reader.ts';
import { otherCentre } from '../../core/propagation/event.ts';
import type { Settings } from '../env.ts';

import { makeShared } from './shared.ts';

/** What operators' commands are made of: the same parts as the functions', with the same settings. */
export function makeOperatorParts(settings: Settings) {
  const shared = makeShared(settings, 'background');
  const { clock, random, keyring, clusters, sharding, replicaNames } = shared;
  const replicas = [...replicaNames[settings.CENTRE], ...replicaNames[otherCentre(settings.CENTRE)]];
  return {
    ...shared,
    settings,
    history: makeHistoryReader({
      writer: makeMysqlWriterHistory({ clusters, sharding }),
      replicas: replicas.map((replica) => makeMysqlReplicaHistory({ replica, clusters, sharding })),
      clock,
    }),
    hasher: makeIdentifierHasher(keyring.identifiers),
    sealer: makeSealer(keyring.sealing, random),
    requestHasher: makeKeyedHasher(keyring.requests),
    ids: makeIds(clock, random),
  };
}

/** The parts of a promotion, and of those who tell of it afterwards. */
import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeEpochRegister } from '../../adapters/dynamodb/epoch-register.ts';
import { makeClusterControl } from '../../adapters/mysql/cluster-control.ts';
import { type DatabaseAddress, type DatabaseClusters, makeDatabase } from '../../adapters/mysql/database.ts';
import { makeJournalEpochRegister } from '../../adapters/mysql/epoch-register.ts';
import { makeLedger } from '../../adapters/mysql/ledger.ts';
import { makeOutbox } from '../../adapters/mysql/outbox.ts';
import { makeMysqlRecoveryStore } from '../../adapters/mysql/recovery-store.ts';
import type { DatabaseEngine } from '../../core/failover/ports.ts';
import { makePromotion, type PromotionPorts, type Servers } from '../../core/failover/promotion.ts';
import { makeRecovery } from '../../core/failover/recovery.ts';
import { makeSalvage } from '../../core/failover/salvage.ts';
import { deadlineAfter } from '../../core/kernel/clock.ts';
import { type CentreName, centreNames, otherCentre } from '../../core/propagation/event.ts';
import { type Settings, SettingsInvalid } from '../env.ts';

import { epochParts, otherTopologyOf } from './epoch.ts';
import { type makeShared, mapValues } from './shared.ts';

type Shared = ReturnType<typeof makeShared>;

const salvageMs = 120_000;

/** The servers that a promotion works on, as stores whose writers they are. */
export function serversIn(
  { servers, sharding }: Shared,
  centre: CentreName,
  named: Servers,
): DatabaseClusters {
  return Object.fromEntries(
    sharding.clusters.map((cluster) => [
      cluster,
      { writer: lazily(() => servers.at(cluster, centre, named[cluster] ?? null)), replicas: {} },
    ]),
  );
}

/** A server that has no address fails when it is asked, as one that is away does. */
function lazily(database: () => ReturnType<Shared['servers']['at']>) {
  return {
    name: 'database',
    run: async (...args: Parameters<ReturnType<typeof database>['run']>) => database().run(...args),
    end: async () => database().end(),
  };
}

/** @param settings those of a function of the centre that is promoted */
export function makePromotionOf(
  settings: Settings,
  shared: Shared,
  { engine, onStep }: { readonly engine: DatabaseEngine; readonly onStep?: PromotionPorts['onStep'] },
) {
  const { CENTRE: to, WITNESS, OTHER_PARAMETERS: other } = settings;
  const { clock, random, sharding, sinks, journals, keyring } = shared;
  if (!other) throw new SettingsInvalid('The environment is not as it must be: OTHER_PARAMETERS is missing.');
  const registerOf = (centre: CentreName) =>
    makeJournalEpochRegister({ name: `register-${centre.toLowerCase()}`, database: journals[centre] });
  const { searchEpochs, ownTopology } = epochParts(settings, shared);
  const ledger = makeLedger({ database: journals[to] });
  const sealer = makeSealer(keyring.sealing, random);

  const promote = makePromotion({
    to,
    databaseClusters: sharding.clusters,
    registers: {
      own: registerOf(to),
      other: registerOf(otherCentre(to)),
      witness: makeEpochRegister({ ...WITNESS, name: 'witness', tableName: WITNESS.table, clock }),
    },
    engine,
    serversIn(centre, named) {
      const clusters = serversIn(shared, centre, named);
      return {
        control: makeClusterControl({ clusters }),
        recover: makeRecovery({
          recovery: makeMysqlRecoveryStore({ clusters, sharding }),
          outbox: makeOutbox({ clusters }),
          journal: sinks.journals[to],
          ledger,
          sinks,
          sealer,
          clock,
        }),
      };
    },
    redises: centreNames.flatMap((centre) => Object.keys(sinks.caches[centre])),
    caches: { own: Object.values(sinks.caches[to]), other: Object.values(sinks.caches[otherCentre(to)]) },
    searches: searchEpochs,
    topologies: { own: ownTopology, other: otherTopologyOf(other, shared) },
    clock,
    ...(onStep && { onStep }),
  });
  return { promote, ledger };
}

/** The ledgers of both centres: each has those of its own promotions. */
export const ledgersOf = ({ journals }: Shared) =>
  mapValues(journals, (database) => makeLedger({ database }));

/**
 * Lists in the ledger what the database at `address` alone has: an old writer that returned, or what was restored of it.
 * @returns how many changes
 */
export async function salvageFrom(
  settings: Settings,
  shared: Shared,
  address: DatabaseAddress,
): Promise<number> {
  const { clock, sharding, clusters, journals, centreState } = shared;
  const deadline = deadlineAfter(clock, salvageMs);
  const old = makeDatabase({ name: 'the old writer', address, connectionsMax: 2, clock });
  const { writer } = await centreState.current(deadline);
  const salvage = makeSalvage({
    outbox: makeOutbox({
      clusters: Object.fromEntries(sharding.clusters.map((name) => [name, { writer: old, replicas: {} }])),
    }),
    recovery: makeMysqlRecoveryStore({ clusters, sharding }),
    ledger: makeLedger({ database: journals[writer] }),
  });
  try {
    const { epoch } = await centreState.current(deadline);
    let found = 0;
    for (const cluster of Object.keys(settings.DATABASES)) found += await salvage(cluster, epoch, deadline);
    return found;
  } finally {
    await old.end();
  }
}

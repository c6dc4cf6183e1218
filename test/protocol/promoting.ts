/** Two centres whose writers move: database servers of the test's own, and a promotion as it is shipped. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { makeEpochRegister } from '../../functions/adapters/dynamodb/epoch-register.ts';
import { prepareEpochRegister } from '../../functions/adapters/dynamodb/prepare-register.ts';
import { makeClusterControl } from '../../functions/adapters/mysql/cluster-control.ts';
import type { Database } from '../../functions/adapters/mysql/database.ts';
import { makeJournalEpochRegister } from '../../functions/adapters/mysql/epoch-register.ts';
import { makeJournal } from '../../functions/adapters/mysql/journal.ts';
import { makeLedger } from '../../functions/adapters/mysql/ledger.ts';
import { makeOutbox } from '../../functions/adapters/mysql/outbox.ts';
import { makeMysqlRecoveryStore } from '../../functions/adapters/mysql/recovery-store.ts';
import { makeSearchEpochs } from '../../functions/adapters/opensearch/search-epochs.ts';
import { makeSearchUpkeep } from '../../functions/adapters/opensearch/search-upkeep.ts';
import {
  makePromotion,
  type PromotionOptions,
  type PromotionOutcome,
  type PromotionStep,
  type Servers,
} from '../../functions/core/failover/promotion.ts';
import { makeRecovery } from '../../functions/core/failover/recovery.ts';
import type { Topology } from '../../functions/core/failover/topology.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import { type CentreName, otherCentre } from '../../functions/core/propagation/event.ts';
import { reset } from '../../scripts/local/commands.ts';
import { databasePreparations } from '../../scripts/local/database-preparation.ts';
import { type Engines, startEngines } from '../../scripts/local/engines.ts';
import { makeMariadbEngine } from '../../scripts/local/mariadb-engine.ts';
import { type DatabasePart, type PartName, portOf } from '../../scripts/local/ports.ts';
import { standIn } from '../adapters/aws.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { engineAddress } from '../engines.ts';
import { ownPlace } from '../own-place.ts';
import { makeCentres, sealer, sharding, standingClock } from './centres.ts';
import { cacheNames, searchCentres } from './engines-in-use.ts';
import { makeSteps, type Steps } from './steps.ts';

const parts: PartName[] = ['mysql-a', 'mysql-b-0', 'mysql-b-1', 'mysql-b-2', 'journal-a', 'journal-b'];
const soon = () => deadlineAfter(wallClock, 20_000);

export type Promoting = Awaited<ReturnType<typeof startPromoting>>;

export interface PromoteOptions extends PromotionOptions {
  readonly steps?: Steps;
  /** The other centre's databases, registers and parameters are out of reach. @default false */
  readonly isCutOff?: boolean;
  readonly withoutWitness?: boolean;
  readonly onStep?: (step: PromotionStep, tookMs: number) => void;
  /** @default one that stands still: what is waited for is over at once */
  readonly clock?: typeof wallClock;
}

/** Engines of its own, in place of the shared ones of the same names for as long as it lasts. */
export async function startPromoting() {
  const { basePort, directory } = ownPlace('promotion', 5_460);
  await reset(directory, () => {});
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const engines = await startEngines({ directory, basePort, parts, ...databasePreparations });
  const shared = process.env.MEMBERSHIP_TEST_ENGINES ?? '{}';
  process.env.MEMBERSHIP_TEST_ENGINES = JSON.stringify({ ...JSON.parse(shared), ...addressesOf(engines) });

  const writing = { server: 'mysql-a' };
  const name = `promotion-${randomBytes(4).toString('hex')}`;
  const centres = await makeCentres({ writing, name });
  const witnessAt = {
    ...standIn('witness', engineAddress('aws-witness')),
    tableName: name,
    clock: wallClock,
  };
  await prepareEpochRegister({ ...witnessAt, first: { epoch: 1, centre: 'A' }, deadline: soon() });
  const witness = makeEpochRegister(witnessAt);
  const engineOf = () =>
    makeMariadbEngine({
      directory,
      portOf: (part: DatabasePart) => portOf(part, basePort),
      secrets: engines.secrets,
      clock: wallClock,
    });

  const searchAt = (name: string) => ({
    name,
    url: engineAddress(`search-${name}`),
    indexPrefix: centres.indexPrefix,
    clock: wallClock,
  });

  const promote = async (to: CentreName, options: PromoteOptions = {}): Promise<PromotionOutcome> => {
    const {
      steps = makeSteps(),
      isCutOff = false,
      withoutWitness = false,
      clock = standingClock(),
    } = options;
    const { through } = steps;
    const other = otherCentre(to);
    const away = <Port extends object>(port: Port, isAway: boolean): Port =>
      isAway
        ? new Proxy(port, {
            get: (target, property) =>
              typeof Reflect.get(target, property) === 'function'
                ? async () => {
                    throw new DependencyUnavailable('cut off', new Error('by the test'));
                  }
                : Reflect.get(target, property),
          })
        : port;
    const isOther = (centre: CentreName): boolean => isCutOff && centre === other;
    const journalOf = (centre: CentreName): Database =>
      through(`journal-${centre}`, away(centres.journals[centre], isOther(centre)));
    const registerOf = (centre: CentreName) =>
      makeJournalEpochRegister({ name: `register-${centre}`, database: journalOf(centre) });
    const sinks = centres.process(to).sinks;
    const documentOf = (centre: CentreName) =>
      through(`topology-${centre}`, away(centres.documents[centre], isOther(centre)));
    const cachesOf = (centre: CentreName) =>
      Object.entries(centres.caches[centre]).map(([cache, port]) =>
        through(cache, away(port, isOther(centre))),
      );

    const run = makePromotion({
      to,
      databaseClusters: sharding.clusters,
      registers: {
        own: registerOf(to),
        other: registerOf(other),
        witness: through('witness', away(witness, withoutWitness)),
      },
      engine: through('engine', engineOf()),
      serversIn(centre: CentreName, servers: Servers) {
        const clusters = Object.fromEntries(
          sharding.clusters.map((cluster) => [
            cluster,
            {
              writer: through(
                `new ${cluster}`,
                away(centres.server(cluster, servers[cluster] ?? 'mysql-a'), isOther(centre)),
              ),
              replicas: {},
            },
          ]),
        );
        return {
          control: makeClusterControl({ clusters }),
          recover: makeRecovery({
            recovery: makeMysqlRecoveryStore({ clusters, sharding }),
            outbox: makeOutbox({ clusters }),
            journal: makeJournal({ database: journalOf(to) }),
            ledger: makeLedger({ database: journalOf(to) }),
            sinks,
            sealer,
            clock: wallClock,
          }),
        };
      },
      redises: [...cacheNames.A, ...cacheNames.B],
      caches: { own: cachesOf(to), other: cachesOf(other) },
      searches: Object.keys(searchCentres).map((search) =>
        through(`alias ${search}`, makeSearchEpochs(searchAt(search))),
      ),
      topologies: { own: documentOf(to), other: documentOf(other) },
      clock,
      ...(options.onStep && { onStep: options.onStep }),
    });
    const outcome = await run(options);
    if (outcome.kind === 'promoted') writing.server = outcome.servers.c0 ?? '';
    return outcome;
  };

  return {
    ...centres,
    centres: centres as unknown as Awaited<ReturnType<typeof makeCentres>>,
    engines,
    writing,
    witness,
    promote,
    ledgerOf: (centre: CentreName) => makeLedger({ database: centres.journals[centre] }),
    /** The relays copy the topologies; the leases are long again; every Redis serves again. */
    async settleDown(): Promise<void> {
      for (const centre of ['A', 'B'] as const) {
        const topology: Topology = await centres.topologies[centre].read(soon());
        for (const cache of Object.values(centres.caches[centre])) {
          await cache.empty(soon());
          await centres.openCache(cache.name);
          await cache.putState(JSON.stringify(topology), soon());
        }
      }
      await centres.setLease(3_600_000);
    },
    /** Search clusters are read again, as after a resync. */
    async openSearch(): Promise<void> {
      for (const search of Object.keys(searchCentres)) {
        const upkeep = makeSearchUpkeep({ ...searchAt(search), slotOf: sharding.slotOf });
        await upkeep.setReadable(true, soon());
      }
    },
    async stop(): Promise<void> {
      await centres.end().catch(() => {});
      process.env.MEMBERSHIP_TEST_ENGINES = shared;
      await engines.stop();
      await reset(directory, () => {});
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function addressesOf({ parts: started, endpoints, secrets, adminUrl }: Engines): Record<string, string> {
  return Object.fromEntries(
    started.flatMap(({ name }) => [
      [
        name,
        endpoints[name].replace('mysql://', `mysql://${secrets.databaseUser}:${secrets.databasePassword}@`),
      ],
      [`${name}-admin`, adminUrl(name)],
    ]),
  );
}

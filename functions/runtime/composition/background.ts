import { makeEpochRegister } from '../../adapters/dynamodb/epoch-register.ts';
import { makeJournalEpochRegister } from '../../adapters/mysql/epoch-register.ts';
import { makeRegistryStore } from '../../adapters/parameters/registry-store.ts';
import { makeQueueGauge } from '../../adapters/sqs/queue-gauge.ts';
import { makeIds } from '../../adapters/system/ids.ts';
import { makeCallerKeeper } from '../../core/caller/caller-keeper.ts';
import { retention } from '../../core/failover/retention.ts';
import { otherCentre } from '../../core/propagation/event.ts';
import { makeGauges } from '../../core/propagation/gauges.ts';
import { makeRelay } from '../../core/propagation/relay.ts';
import { makeBreakers } from '../../core/search/breakers.ts';
import { makeSearchKeeper } from '../../core/search/search-keeper.ts';
import type { Lazily } from '../api/parts.ts';
import type { RelayParts } from '../batch.ts';
import { readSettings, type Settings } from '../env.ts';
import { makeRelayReport } from '../telemetry/relay-report.ts';
import { logToStandardOutput } from '../telemetry.ts';
import { environment } from './environment.ts';
import { epochParts } from './epoch.ts';
import { auditsOf, reconcileOf, upkeepOf } from './search.ts';
import { makeShared, once, parameterOf } from './shared.ts';

export const relayParts: Lazily<RelayParts> = once(() => makeRelayParts(readSettings(environment)));

function makeRelayParts(settings: Settings): RelayParts {
  const shared = makeShared(settings, 'background');
  const { clock, random, sinks, stores, centreState, sharding, journals, replicaNames, topology, meter } =
    shared;
  const { CENTRE: centre, WITNESS } = settings;
  const other = otherCentre(centre);
  const { url: queueUrl, ...queue } = settings.QUEUES[centre];
  const searchKeeper = makeSearchKeeper({
    centre,
    clusters: upkeepOf(settings, shared),
    breakers: makeBreakers({ copies: sinks.caches[centre], shared: centreState.breakers, clock }),
    reconcile: reconcileOf(shared),
    centreState,
    random: random.fraction,
    clock,
    compared: (...found) => report.observer.compared(...found),
  });
  const report = makeRelayReport({
    centre,
    gauges: makeGauges({
      centre,
      databaseClusters: sharding.clusters,
      ...stores,
      journal: sinks.journals[centre],
      queue: makeQueueGauge({ ...queue, name: `queue-${centre.toLowerCase()}`, queueUrl, clock }),
      caches: Object.values(sinks.caches[centre]),
      replicas: replicaNames[centre],
      centreState,
      breakers: searchKeeper.positions,
      searchClusters: Object.keys(sinks.search),
      clock,
    }),
    meter,
    log: logToStandardOutput,
    clock,
  });
  const relay = makeRelay({
    centre,
    databaseClusters: sharding.clusters,
    observer: report.observer,
    ...stores,
    sinks,
    sharding,
    retention,
    report: report.notice,
    replicas: replicaNames,
    registers: [
      makeJournalEpochRegister({ name: `register-${other.toLowerCase()}`, database: journals[other] }),
      meter.timed(
        'witness',
        makeEpochRegister({ ...WITNESS, name: 'witness', tableName: WITNESS.table, clock }),
      ),
    ],
    centreState,
    readTopology: (deadline) => topology.read(deadline),
    ...epochParts(settings, shared),
    keepCallers: makeCallerKeeper({
      own: Object.values(sinks.caches[centre]),
      others: Object.values(sinks.caches[other]),
      registry: makeRegistryStore(parameterOf(settings, shared, 'CALLERS_PARAMETER')),
      readTopology: (deadline) => topology.read(deadline),
      clock,
    }),
    searchKeeper,
    audits: auditsOf(shared, (...found) => report.observer.compared(...found)),
    ids: makeIds(clock, random),
    clock,
  });
  return { centre, clock, relay, report, log: logToStandardOutput };
}

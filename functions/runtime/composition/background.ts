import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeEpochRegister } from '../../adapters/dynamodb/epoch-register.ts';
import { makeReadBack } from '../../adapters/http/read-back.ts';
import { makeJournalEpochRegister } from '../../adapters/mysql/epoch-register.ts';
import { makeMysqlReplicaSource, makeMysqlWriterSource } from '../../adapters/mysql/member-source.ts';
import { makeRegistryStore } from '../../adapters/parameters/registry-store.ts';
import { decodeMessage } from '../../adapters/sqs/message.ts';
import { makeQueueGauge } from '../../adapters/sqs/queue-gauge.ts';
import { makeIds } from '../../adapters/system/ids.ts';
import { makeCallerKeeper } from '../../core/caller/caller-keeper.ts';
import { observedAfterMs } from '../../core/failover/durations.ts';
import { retention } from '../../core/failover/retention.ts';
import { makeObserver } from '../../core/observer/observer.ts';
import { makeApplyChange } from '../../core/propagation/apply-change.ts';
import { type CentreName, otherCentre } from '../../core/propagation/event.ts';
import { makeGauges } from '../../core/propagation/gauges.ts';
import { makeRelay } from '../../core/propagation/relay.ts';
import type { Lazily } from '../api/parts.ts';
import type { ApplyChangeParts, ObserverParts, RelayParts } from '../batch.ts';
import { readSettings, type Settings, SettingsInvalid } from '../env.ts';
import { observedShare } from '../limits.ts';
import { makeRelayReport } from '../telemetry/relay-report.ts';
import { makeTraces } from '../telemetry/traces.ts';
import { logToStandardOutput } from '../telemetry.ts';

import { makeShared, once, parameterOf } from './shared.ts';

export const applyChangeParts: Lazily<ApplyChangeParts> = once(() =>
  makeApplyChangeParts(readSettings(process.env)),
);
export const relayParts: Lazily<RelayParts> = once(() => makeRelayParts(readSettings(process.env)));
export const observerParts: Lazily<ObserverParts> = once(() => makeObserverParts(readSettings(process.env)));

function makeApplyChangeParts(settings: Settings): ApplyChangeParts {
  const { clock, random, sinks, stores, centreState, meter } = makeShared(settings, 'background');
  return {
    centre: settings.CENTRE,
    clock,
    decode: decodeMessage,
    apply: makeApplyChange({ sinks, outbox: stores.outbox, centreState, clock }),
    log: logToStandardOutput,
    meter,
    traces: makeTraces(random),
  };
}

function makeRelayParts(settings: Settings): RelayParts {
  const shared = makeShared(settings, 'background');
  const { clock, random, sinks, stores, centreState, sharding, journals, replicaNames, topology, meter } =
    shared;
  const { CENTRE: centre, WITNESS } = settings;
  const other = otherCentre(centre);
  const { url: queueUrl, ...queue } = settings.QUEUES[centre];
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
    keepCallers: makeCallerKeeper({
      own: Object.values(sinks.caches[centre]),
      others: Object.values(sinks.caches[other]),
      registry: makeRegistryStore(parameterOf(settings, shared, 'CALLERS_PARAMETER')),
      readTopology: (deadline) => topology.read(deadline),
      clock,
    }),
    ids: makeIds(clock, random),
    clock,
  });
  return { centre, clock, relay, report, log: logToStandardOutput };
}

function makeObserverParts(settings: Settings): ObserverParts {
  const { clock, random, keyring, sharding, clusters, stores, sinks, replicaNames } = makeShared(
    settings,
    'background',
  );
  const { CENTRE: centre, OBSERVER: at } = settings;
  if (!at) throw new SettingsInvalid('The environment is not as it must be: OBSERVER is missing.');
  const readBack = (where: CentreName) =>
    makeReadBack({ name: `api-${where.toLowerCase()}`, url: at.urls[where], key: at.key, clock });
  const log = (line: object) => logToStandardOutput({ operation: 'observe-consistency', ...line });
  const observer = makeObserver(
    {
      databaseClusters: sharding.clusters,
      ...stores,
      readBack: { A: readBack('A'), B: readBack('B') },
      writer: makeMysqlWriterSource({ name: 'writer', clusters, sharding }),
      sources: [
        ...replicaNames[centre].map((replica) =>
          makeMysqlReplicaSource({ name: `replica:${replica}`, clusters, sharding, choose: () => replica }),
        ),
        ...Object.values(sinks.search).map(({ cluster }) => cluster),
      ],
      sealer: makeSealer(keyring.sealing, random),
      clock,
      random: random.fraction,
    },
    {
      share: observedShare,
      delaysMs: observedAfterMs,
      onMiss: (miss) => log({ outcome: 'missed', miss }),
      onReport: (report) => log({ outcome: 'report', report }),
    },
  );
  return { clock, observer, log: logToStandardOutput };
}

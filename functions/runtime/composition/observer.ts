import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeReadBack } from '../../adapters/http/read-back.ts';
import { makeMysqlReplicaSource, makeMysqlWriterSource } from '../../adapters/mysql/member-source.ts';
import { observedAfterMs } from '../../core/failover/durations.ts';
import { makeObserver } from '../../core/observer/observer.ts';
import type { CentreName } from '../../core/propagation/event.ts';
import type { Lazily } from '../api/parts.ts';
import type { ObserverParts } from '../batch.ts';
import { readSettings, type Settings, SettingsInvalid } from '../env.ts';
import { observedShare } from '../limits.ts';
import { metricsOf } from '../telemetry/emf.ts';
import { logToStandardOutput } from '../telemetry.ts';
import { environment } from './environment.ts';
import { makeShared, once } from './shared.ts';

const missedMetrics = metricsOf({
  dimensions: ['operation'],
  metrics: [{ name: 'missed', unit: 'Count' }],
});

export const observerParts: Lazily<ObserverParts> = once(() => makeObserverParts(readSettings(environment)));

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
      onMiss: (miss) =>
        logToStandardOutput(
          { operation: 'observe-consistency', outcome: 'missed', missed: 1, miss },
          missedMetrics,
        ),
      onReport: (report) => log({ outcome: 'report', report }),
    },
  );
  return { clock, observer, log: logToStandardOutput };
}

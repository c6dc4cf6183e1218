/** The parts of the API's functions. */
import { hashCallerKey, makeIdentifierHasher, makeKeyedHasher } from '../../adapters/crypto/hashers.ts';
import { makeSealer } from '../../adapters/crypto/sealer.ts';
import { makeMysqlReplicaSource, makeMysqlWriterSource } from '../../adapters/mysql/member-source.ts';
import { makeCallerRegistry } from '../../adapters/parameters/caller-registry.ts';
import { makeIds } from '../../adapters/system/ids.ts';
import type { CacheCluster } from '../../core/cache/ports.ts';
import { makeMemberReader } from '../../core/cache/reader.ts';
import { pick } from '../../core/cache/rendezvous.ts';
import { makeHangGuard } from '../../core/failover/hang-guard.ts';
import type { MemberSource } from '../../core/member/ports.ts';
import { makeMemberWriter } from '../../core/member/writer.ts';
import { makeBreakers } from '../../core/search/breakers.ts';
import type { ApiParts, Lazily } from '../api/parts.ts';
import { makeBodies } from '../api/schemas.ts';
import { readSettings, type Settings } from '../env.ts';
import { makeHealth } from '../health.ts';
import { laneLimits } from '../lanes.ts';
import { makeSources, replicaSource } from '../sources.ts';
import { makeTraces } from '../telemetry/traces.ts';
import { logToStandardOutput } from '../telemetry.ts';

import { environment } from './environment.ts';
import { makeShared, mapValues, once, parameterOf } from './shared.ts';

export const apiParts: Lazily<ApiParts> = once(() => makeApiParts(readSettings(environment)));

function makeApiParts(settings: Settings): ApiParts {
  const shared = makeShared(settings, 'api');
  const { clock, random, keyring, centreState, sinks, sharding, stores, replicaNames } = shared;
  // Of what is read alone, and has something else to be read from: a write finds out by itself.
  const guard = makeHangGuard({ clock });
  const clusters = mapValues(shared.clusters, ({ writer, replicas: all }, cluster) => ({
    writer,
    replicas: mapValues(all, (replica, name) => guard(`${name} of ${cluster}`, replica)),
  }));
  // Its share of the time is the longest: each environment pays it once.
  const clustersIfWell = mapValues(clusters, ({ writer, ...rest }, cluster) => ({
    ...rest,
    writer: guard(`database ${cluster}`, writer, 1),
  }));
  const { CENTRE: centre, LANE: lane, PLATFORMS: platforms } = settings;
  const hasher = makeIdentifierHasher(keyring.identifiers);
  const sealer = makeSealer(keyring.sealing, random);
  const ids = makeIds(clock, random);
  const writerSource = makeMysqlWriterSource({ name: 'writer', clusters, sharding });
  const caches = sinks.caches[centre];
  const cacheNames = Object.keys(caches);
  const readCaches = mapValues(caches, (cache, name) => guard(name, cache));
  const replicas = replicaNames[centre].map(
    (replica): MemberSource =>
      makeMysqlReplicaSource({ name: replicaSource(replica), clusters, sharding, choose: () => replica }),
  );
  return {
    centre,
    lane,
    platforms,
    bodies: makeBodies(platforms),
    clock,
    callers: makeCallerRegistry({
      ...parameterOf(settings, shared, 'CALLERS_PARAMETER'),
      copies: Object.values(caches),
    }),
    hashCallerKey,
    requestHasher: makeKeyedHasher(keyring.requests),
    state: centreState,
    reader: makeMemberReader({
      cacheOf: (key) => readCaches[pick(cacheNames, key)] as CacheCluster,
      ...makeSources({
        lane,
        limits: laneLimits[lane],
        search: mapValues(sinks.search, ({ cluster }): MemberSource => cluster),
        replicas,
        writer: writerSource,
        writerIfWell: makeMysqlWriterSource({ name: 'writer', clusters: clustersIfWell, sharding }),
        centreState,
        breakers: makeBreakers({ copies: caches, shared: centreState.breakers, clock }),
        clock,
        random: random.fraction,
      }),
      centreState,
      sharding,
      hasher,
      sealer,
      ids,
      clock,
      random: random.fraction,
    }),
    writer: makeMemberWriter({ ...stores, sinks, centreState, sharding, hasher, sealer, ids, clock }),
    health: makeHealth({
      caches: Object.values(caches),
      // Nothing of the other centre, so not the writer by its role: it may have moved there.
      sources: [
        ...Object.values(sinks.search).flatMap((at) => (at.centre === centre ? [at.cluster] : [])),
        ...replicas,
      ],
      centreState,
      clock,
    }),
    log: logToStandardOutput,
    meter: shared.meter,
    traces: makeTraces(random),
  };
}

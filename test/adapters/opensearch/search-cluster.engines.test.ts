import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSearchClient } from '../../../functions/adapters/opensearch/client.ts';
import { makeSearchKeyCensus } from '../../../functions/adapters/opensearch/key-census.ts';
import { openSearchEpoch } from '../../../functions/adapters/opensearch/open-epoch.ts';
import { prepareSearch } from '../../../functions/adapters/opensearch/prepare-search.ts';
import { makeSearchCluster } from '../../../functions/adapters/opensearch/search-cluster.ts';
import { makeSearchUpkeep } from '../../../functions/adapters/opensearch/search-upkeep.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { type KeysInUse, sumOfKeys } from '../../../functions/core/member/ports.ts';
import { engineAddress } from '../../engines.ts';
import { type SearchClusterSubject, searchClusterContract } from '../contract/search-cluster.ts';
import { searchUpkeepContract } from '../contract/search-upkeep.ts';
import { sharding } from '../contract/writer-subject.ts';
import { sampleEvent } from '../sample-events.ts';
import { wallClock as clock } from '../wall-clock.ts';

/** Indexes of its own on the shared cluster. */
function makeInstallation() {
  const url = engineAddress('search-primary');
  const indexPrefix = `test-${randomBytes(6).toString('hex')}-`;
  const connection = { url, clock, name: 'search-primary', indexPrefix, slotOf: sharding.slotOf };
  const send = makeSearchClient(connection);
  const soon = () => deadlineAfter(clock, 20_000);
  return {
    send,
    soon,
    indexPrefix,
    cluster: makeSearchCluster(connection),
    upkeep: makeSearchUpkeep(connection),
    census: makeSearchKeyCensus({ ...connection, pageSize: 3 }),
    prepare: (epoch: number) =>
      prepareSearch({ ...connection, epoch, shards: 2, replicas: 0, deadline: soon() }),
    open: (epoch: number) => openSearchEpoch({ ...connection, epoch, deadline: soon() }),
    aliases: async (kind: 'members' | 'identifiers') => {
      const index = `${indexPrefix}${kind}-000001`;
      const answer = await send({ method: 'GET', path: `/${index}/_alias` }, soon());
      return Object.keys(answer.body[index].aliases)
        .map((alias) => alias.slice(indexPrefix.length))
        .sort();
    },
    async end() {
      for (const kind of ['members', 'identifiers']) {
        await send({ method: 'DELETE', path: `/${indexPrefix}${kind}-000001` }, soon());
        await send({ method: 'DELETE', path: `/_index_template/${indexPrefix}${kind}` }, soon());
      }
    },
  };
}

const makeSubject = async (): Promise<SearchClusterSubject> => {
  const { send, soon, indexPrefix, cluster, upkeep, prepare, open, end } = makeInstallation();
  await prepare(1);
  // No refresh at all: what is seen is not seen by luck.
  const body = { index: { refresh_interval: '-1' } };
  for (const kind of ['members', 'identifiers']) {
    await send({ method: 'PUT', path: `/${indexPrefix}${kind}-000001/_settings`, body }, soon());
  }
  return {
    cluster,
    upkeep,
    clock,
    openEpoch: open,
    async damage(index, id, change) {
      const path = `/${indexPrefix}${index}-000001/_doc/${encodeURIComponent(id)}`;
      const standing = (await send({ method: 'GET', path, query: { routing: id } }, soon())).body;
      const query = { routing: id, version: standing._version, version_type: 'external_gte' };
      const put = await send(
        { method: 'PUT', path, query, body: { ...standing._source, ...change } },
        soon(),
      );
      expect(put.status).toBe(200);
    },
    end,
  };
};

searchClusterContract('OpenSearch', makeSubject);
searchUpkeepContract('OpenSearch', makeSubject);

describe('provisioning a search cluster', () => {
  let installation: ReturnType<typeof makeInstallation>;
  beforeAll(() => {
    installation = makeInstallation();
  });
  afterAll(() => installation.end());

  test('before it, a lookup fails instead of finding nobody, and a put is refused', async () => {
    const { cluster, soon } = installation;
    await expect(cluster.member('x', soon())).rejects.toMatchObject({ code: 'dependency-unavailable' });
    await expect(cluster.identifier('x', soon())).rejects.toMatchObject({ part: 'search-primary' });
    expect(await cluster.put([sampleEvent({ memberId: 'x', version: 1 })], 1, soon())).toBe('stale-epoch');
  });

  test('is done once by several at once, and can be repeated', async () => {
    const { prepare, aliases } = installation;
    expect(await Promise.all([prepare(1), prepare(1), prepare(1)])).toEqual(Array(3).fill('prepared'));
    expect(await prepare(1)).toBe('prepared');
    expect(await aliases('members')).toEqual(['members', 'members-e1']);
    expect(await aliases('identifiers')).toEqual(['identifiers', 'identifiers-e1']);
  });

  test('takes no document without routing, and no field that is not declared', async () => {
    const { send, soon, indexPrefix } = installation;
    const path = `/${indexPrefix}members-000001/_doc/x`;
    const unrouted = await send({ method: 'PUT', path, body: { format: 1 } }, soon());
    expect(unrouted.body.error.type).toBe('routing_missing_exception');
    const query = { routing: 'x' };
    const undeclared = await send({ method: 'PUT', path, query, body: { format: 1, phone: '+1' } }, soon());
    expect(undeclared.body.error.type).toBe('strict_dynamic_mapping_exception');
  });

  test('indexes nothing of what is sealed', async () => {
    const { send, soon, indexPrefix } = installation;
    const { body } = await send({ method: 'GET', path: `/${indexPrefix}members-000001/_mapping` }, soon());
    const { properties } = body[`${indexPrefix}members-000001`].mappings;
    expect(properties.sealed).toEqual({ type: 'keyword', index: false, doc_values: false });
    const { mark, ...others } = properties;
    expect(mark).toEqual({ type: 'long', index: false });
    expect(new Set(Object.values(others).map((field) => (field as { type: string }).type))).toEqual(
      new Set(['keyword']),
    );
  });

  test('splits what is too large for one bulk', async () => {
    const { cluster, soon } = installation;
    const sealed = 's'.repeat(600_000);
    const events = Array.from({ length: 20 }, (_, at) =>
      sampleEvent({ memberId: `large-${at}`, version: 1, sealed }),
    );
    expect(await cluster.put(events, 1, soon())).toBe('put');
    expect((await cluster.member('large-19', soon()))?.sealed.length).toBe(sealed.length);
  });

  test('of several that open epochs at once the newest wins, and no older one comes back', async () => {
    const { prepare, open, aliases } = installation;
    const outcomes = await Promise.all([open(2), open(4), open(3), prepare(2), open(4)]);
    expect([outcomes[1], outcomes[4]]).toEqual(['opened', 'opened']);
    expect(await aliases('members')).toEqual(['members', 'members-e4']);
    expect(await aliases('identifiers')).toEqual(['identifiers', 'identifiers-e4']);
    expect(await prepare(1)).toBe('older-epoch');
    expect(await open(3)).toBe('older-epoch');
    expect(await aliases('members')).toEqual(['members', 'members-e4']);
  });
});

describe('the keys in use', () => {
  const { cluster, census, prepare, soon, end, send, indexPrefix } = makeInstallation();
  beforeAll(() => prepare(1));
  afterAll(() => end());

  const counted = async (): Promise<KeysInUse> => {
    let keys: KeysInUse = { sealedWith: {}, boundUnder: {} };
    for await (const part of census.parts(20_000)) keys = sumOfKeys(keys, part);
    return keys;
  };

  test('are counted over all pages, refreshed or not, and free identifiers not at all', async () => {
    expect(await counted()).toEqual({ sealedWith: {}, boundUnder: {} });
    const events = Array.from({ length: 8 }, (_, index) =>
      sampleEvent({
        memberId: `m${index}`,
        version: 5,
        sealed: `1.${index < 5 ? 'old' : 'new'}.text`,
        directory: [
          { key: `1.h${index}`, token: 't', to: index === 0 ? 'free' : 'bound' },
          { key: `2.h${index}`, token: 't', to: 'bound' },
        ],
      }),
    );
    await cluster.put(events, 1, soon());
    expect(await counted()).toEqual({ sealedWith: { old: 5, new: 3 }, boundUnder: { 1: 7, 2: 8 } });
    const later = events.map(({ memberId }) =>
      sampleEvent({ memberId, version: 6, sealed: '1.new.text', cancelled: true }),
    );
    await cluster.put(later, 1, soon());
    expect((await counted()).sealedWith).toEqual({ new: 8 });
  });

  test('are not told of a cluster that lacks an index', async () => {
    await send({ method: 'DELETE', path: `/${indexPrefix}identifiers-000001` }, soon());
    await expect(counted()).rejects.toMatchObject({ code: 'dependency-unavailable' });
  });
});

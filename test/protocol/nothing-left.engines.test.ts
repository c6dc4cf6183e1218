/** Unbinding and cancelling leave nothing that answers, in any source or cache of either centre. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeMysqlReplicaSource } from '../../functions/adapters/mysql/member-source.ts';
import { findIn } from '../../functions/core/cache/find.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { MemberSource } from '../../functions/core/member/ports.ts';
import { cacheKeyOfIdentifier } from '../../functions/core/propagation/event.ts';
import { engineAddress } from '../engines.ts';
import { checkAtRest, drain, expectFound } from './at-rest.ts';
import { type Centres, makeCentres, sealer, sharding } from './centres.ts';
import { replicaNames } from './engines-in-use.ts';
import * as ask from './requests.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const both = ['A', 'B'] as const;

const everySource = (): readonly MemberSource[] => [
  ...Object.values(centres.search),
  ...replicaNames.B.map((name) =>
    makeMysqlReplicaSource({ name, clusters: centres.databases, sharding, choose: () => name }),
  ),
  centres.process('A').writerSource,
];

async function expectNobodyAnywhere(identifier: Identifier): Promise<void> {
  const key = ask.keyOf(identifier);
  const target = {
    kind: 'identifier',
    key,
    cacheKey: cacheKeyOfIdentifier(key),
    databaseClusters: [],
  } as const;
  const at = centres.process('A');
  for (const source of everySource()) {
    const [found] = await findIn(source, [target], sealer, ask.relayBy(at));
    expect(found, source.name).toMatchObject({ found: null });
  }
  for (const name of Object.keys(centres.search)) {
    const url = `${engineAddress(`search-${name}`)}/protocol-identifiers/_doc/${encodeURIComponent(key)}`;
    const answer = (await (await fetch(`${url}?routing=${encodeURIComponent(key)}`)).json()) as {
      _source: object;
    };
    expect(Object.keys(answer._source).sort(), `the tombstone in ${name}`).toEqual([
      'format',
      'state',
      'version',
    ]);
  }
}

/** Both centres have it cached, and it is cached as it should be. */
async function cachedEverywhere(identifiers: readonly Identifier[], memberId: string): Promise<void> {
  for (const centre of both) {
    const at = centres.process(centre);
    for (let turn = 0; turn < 2; turn++) {
      for (const identifier of identifiers) {
        const answer = await at.reader.lookUp(identifier, ask.readBy(at));
        expect(answer).toMatchObject({ kind: 'member', freshness: 'fresh' });
        if (turn === 1) expect(answer.source).toBe('cache');
      }
      await at.reader.member(memberId, ask.readBy(at));
    }
  }
}

test('unbinding leaves nothing that answers', async () => {
  const [phone, account] = [ask.freshPhone(), ask.freshAccount()];
  const { memberId } = ask.done(await ask.register(centres.process('A'), [phone, account])).receipt;
  await drain(centres);
  await cachedEverywhere([phone, account], memberId);
  const { member } = ask.done(await ask.unbind(centres.process('B'), memberId, 'phone'));
  for (const centre of both) {
    await expectFound(centres.process(centre), phone, undefined);
    await expectFound(centres.process(centre), account, member);
  }
  await checkAtRest(centres, [memberId], [phone, account]);
  await expectNobodyAnywhere(phone);
});

test('cancelling leaves nothing that answers, and nothing of the person', async () => {
  const identifiers = [ask.freshPhone(), ask.freshAccount(), ask.freshCardNo()];
  const { memberId } = ask.done(await ask.register(centres.process('B'), identifiers)).receipt;
  await drain(centres);
  await cachedEverywhere(identifiers, memberId);
  ask.done(await ask.cancel(centres.process('A'), memberId));
  for (const centre of both) {
    const at = centres.process(centre);
    for (const identifier of identifiers) await expectFound(at, identifier, undefined);
    expect(await at.reader.member(memberId, ask.readBy(at))).toMatchObject({
      kind: 'nobody',
      freshness: 'fresh',
    });
  }
  await checkAtRest(centres, [memberId], identifiers);
  for (const identifier of identifiers) await expectNobodyAnywhere(identifier);
  const at = centres.process('A');
  for (const source of everySource()) {
    const stored = await source.member(memberId, ask.relayBy(at));
    expect(stored && sealer.open(stored), source.name).toMatchObject({
      status: 'cancelled',
      name: '',
      level: 0,
      holdings: [],
    });
  }
});

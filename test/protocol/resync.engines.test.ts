/**
 * A search cluster that lost everything comes back: filled from the database, proven equal, and only then read. It is
 * crashed at every kind of step, on the engines; whoever comes next goes on. Indexes of its own stand for the cluster.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeMysqlDigests } from '../../functions/adapters/mysql/digests.ts';
import { makeMysqlWriterSource } from '../../functions/adapters/mysql/member-source.ts';
import { makeOutbox } from '../../functions/adapters/mysql/outbox.ts';
import { makeSearchClient } from '../../functions/adapters/opensearch/client.ts';
import { prepareSearch } from '../../functions/adapters/opensearch/prepare-search.ts';
import { makeSearchCluster } from '../../functions/adapters/opensearch/search-cluster.ts';
import { makeSearchUpkeep } from '../../functions/adapters/opensearch/search-upkeep.ts';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { differingParts, digestKinds } from '../../functions/core/propagation/digests.ts';
import { makeReconcile } from '../../functions/core/search/reconcile.ts';
import { type ResyncReport, resync } from '../../scripts/resync/run.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { engineAddress } from '../engines.ts';
import { drain, inParallel } from './at-rest.ts';
import { type Centres, makeCentres, sharding } from './centres.ts';
import {
  cancel,
  done,
  freshAccount,
  freshPhone,
  keyOf,
  register,
  relayBy,
  rename,
  unbind,
} from './requests.ts';
import { makeSteps, type Side, type Steps } from './steps.ts';

const soon = () => deadlineAfter(wallClock, 20_000);
const at = {
  name: 'search:backup',
  url: engineAddress('search-backup'),
  clock: wallClock,
  indexPrefix: 'resync-',
  slotOf: sharding.slotOf,
};
const cluster = makeSearchCluster(at);
const upkeep = makeSearchUpkeep(at);

let centres: Centres;
/** Members with what they hold; the last has let its account go, and one is cancelled. */
let members: { readonly memberId: string; readonly key: string }[];
let cancelled: string;
let freed: string;

beforeAll(async () => {
  centres = await makeCentres();
  await centres.reset();
  members = [];
  const a = centres.process('A');
  await inParallel([...Array(14).keys()], async () => {
    const phone = freshPhone();
    const { memberId } = done(await register(a, [phone])).member;
    members.push({ memberId, key: keyOf(phone) });
  });
  const account = freshAccount();
  const { memberId } = done(await register(a, [freshPhone(), account])).member;
  done(await unbind(a, memberId, 'account:tongcheng-app'));
  freed = keyOf(account);
  const last = done(await register(a, [freshPhone()])).member;
  done(await cancel(a, last.memberId));
  cancelled = last.memberId;
  await drain(centres);
}, 240_000);
beforeEach(async () => {
  await centres.setLease(3_600_000);
  await lose();
});
afterAll(async () => {
  await deleteIndexes();
  await centres?.end();
});

async function deleteIndexes(): Promise<void> {
  const send = makeSearchClient(at);
  for (const kind of ['members', 'identifiers'])
    await send({ method: 'DELETE', path: `/resync-${kind}-000001` }, soon());
}

/** It loses everything, and is made anew. */
async function lose(): Promise<void> {
  await deleteIndexes();
  const size = { shards: 1, replicas: 0 };
  await prepareSearch({ ...at, ...size, epoch: 1, isReadable: false, deadline: soon() });
}

interface Run {
  readonly steps?: Steps;
  readonly fromSlot?: number;
  readonly onPass?: (pass: number) => void;
}

/** A process that resyncs, made of the shipped parts. */
function run({ steps = makeSteps(), fromSlot = 0, onPass = () => {} }: Run = {}): Promise<ResyncReport> {
  const clusters = Object.fromEntries(
    Object.entries(centres.databases).map(([name, { writer, replicas }]) => [
      name,
      { writer: steps.through(`writer ${name}`, writer), replicas },
    ]),
  );
  const reconcile = makeReconcile({
    database: makeMysqlDigests({ clusters, sharding }),
    writer: makeMysqlWriterSource({ name: 'writer', clusters, sharding }),
    outbox: makeOutbox({ clusters }),
    sharding,
    touch(memberId, above) {
      const process = centres.process('A', { steps });
      return process.touch(memberId, above, relayBy(process));
    },
  });
  return resync(
    {
      cluster: steps.through('search:backup', upkeep),
      reconcile,
      epoch: async () => 1,
      clock: { ...wallClock, sleep: async () => {} },
      onProgress: ({ pass }) => onPass(pass),
    },
    { fromSlot, slotsPerSecond: 1_000_000 },
  );
}

async function isEqual(): Promise<boolean> {
  await upkeep.refresh(soon());
  const database = makeMysqlDigests({ clusters: centres.databases, sharding });
  for (const kind of digestKinds) {
    for (let from = 0; from < 1024; from += 64) {
      const slots = Array.from({ length: 64 }, (_, index) => from + index);
      if ((await differingParts(database, upkeep, kind, slots, soon())).length > 0) return false;
    }
  }
  return true;
}

test('it is filled with members, bindings and tombstones, and read once nothing differs', async () => {
  const [{ memberId, key }] = members as [(typeof members)[number]];
  await expect(cluster.member(memberId, soon())).rejects.toMatchObject({ code: 'dependency-unavailable' });
  const report = await run({
    onPass: async (pass) => {
      if (pass === 1) expect((await upkeep.standing(soon())).isReadable).toBe(false);
    },
  });
  expect(report).toMatchObject({ isEqual: true, passes: 2, failure: null });
  expect(await isEqual()).toBe(true);
  const { writerSource } = centres.process('A');
  for (const one of [memberId, cancelled])
    expect(await cluster.member(one, soon())).toEqual(await writerSource.member(one, soon()));
  expect(await cluster.identifier(key, soon())).toEqual(await writerSource.identifier(key, soon()));
  expect(await cluster.identifier(freed, soon())).toBeNull();
});

test('what is behind, ahead, damaged or unknown is mended; what is equal is not written', async () => {
  await run();
  const [older, ahead, ghost, stolen] = members as [
    (typeof members)[number],
    (typeof members)[number],
    (typeof members)[number],
    (typeof members)[number],
  ];
  const before = await centres.process('A').writerSource.member(older.memberId, soon());
  const at0 = await centres.process('A').writerSource.member(ahead.memberId, soon());
  const version = (at0?.version ?? 0) + 5;
  // One that is ahead, in this epoch, would be right: its row follows.
  const row = await centres.process('A').writerSource.identifier(stolen.key, soon());
  const document = {
    format: 1,
    memberId: ahead.memberId,
    version,
    status: 'active',
    sealed: 'lost',
  } as const;
  const ghostId = `${ghost.memberId.slice(0, -4)}ffff`;
  await upkeep.mend(
    [
      { index: 'members', id: ahead.memberId, document },
      { index: 'members', id: ghostId, document: { ...document, memberId: ghostId } },
      {
        index: 'identifiers',
        id: stolen.key,
        document: { format: 1, state: 'bound', memberId: ghostId, token: 'lost', version: row?.version ?? 0 },
      },
      { index: 'members', id: older.memberId, gone: { version: before?.version ?? 0 } },
    ],
    1,
    soon(),
  );
  const report = await run();
  expect(report).toMatchObject({ isEqual: true, found: { touched: 1, failed: 0 } });
  const { writerSource } = centres.process('A');
  const touched = await writerSource.member(ahead.memberId, soon());
  expect(touched?.version).toBeGreaterThan(version);
  for (const { memberId } of [ahead, older, stolen])
    expect(await cluster.member(memberId, soon())).toEqual(await writerSource.member(memberId, soon()));
  expect(await cluster.member(ghostId, soon())).toBeNull();
  expect(await cluster.identifier(stolen.key, soon())).toMatchObject({ memberId: stolen.memberId });
  expect((await run()).found).toEqual({ differing: 0, mended: 0, touched: 0, failed: 0 });
  await drain(centres);
}, 240_000);

test('writes that come meanwhile are kept up with', async () => {
  const steps = makeSteps();
  const pause = steps.pause(/^search:backup\.mend$/, 'after');
  const running = run({ steps });
  await pause.reached;
  const a = centres.process('A');
  await inParallel(
    members.slice(0, 6),
    async ({ memberId }) => void done(await rename(a, memberId, 'Grace')),
  );
  pause.resume();
  expect(await running).toMatchObject({ isEqual: true });
  expect(await isEqual()).toBe(true);
  await drain(centres);
}, 240_000);

test('a process that dies at any kind of step leaves a cluster that is not read, or equal; the next one ends it', async () => {
  const counted = makeSteps();
  await run({ steps: counted });
  const names = [...new Set(counted.made)];
  // A crash after a reading is one before the next step: what changes something is crashed on both sides.
  const effects = names.filter((name) => /mend|setReadable/.test(name));
  const places: readonly (readonly [number, Side])[] = [
    ...names.map((name) => [counted.made.indexOf(name) + 1, 'before'] as const),
    ...effects.map((name) => [counted.made.indexOf(name) + 1, 'after'] as const),
    ...effects.map((name) => [counted.made.lastIndexOf(name) + 1, 'after'] as const),
  ];
  for (const [number, side] of places) {
    await lose();
    const steps = makeSteps();
    steps.crashAt(number, side);
    await Promise.race([steps.crashed, run({ steps })]);
    const said = `after a crash ${side} ${number}, ${counted.made[number - 1]}`;
    const { isReadable } = await upkeep.standing(soon());
    if (isReadable) expect(await isEqual(), said).toBe(true);
    expect(await run({ fromSlot: 512 }), said).toMatchObject({ isEqual: true });
    expect((await upkeep.standing(soon())).isReadable, said).toBe(true);
  }
  expect(await isEqual()).toBe(true);
}, 600_000);

test('a writer that lost its lease proves nothing: the cluster stays closed, and the run says where to go on', async () => {
  await centres.setLease(0);
  const report = await run({ fromSlot: 300 });
  expect(report).toMatchObject({
    isEqual: false,
    nextSlot: 300,
    failure: { code: 'dependency-unavailable' },
  });
  expect((await upkeep.standing(soon())).isReadable).toBe(false);
});

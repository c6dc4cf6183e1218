/** What must hold once everything has drained: I1, I2 and I6, over the members and identifiers of a test. */
import { expect } from 'vitest';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import { holds, type Member } from '../../functions/core/member/member.ts';
import type { MemberSource } from '../../functions/core/member/ports.ts';
import { wallClock } from '../adapters/wall-clock.ts';
import { type Centres, type Process, sealer } from './centres.ts';
import { keyOf, readBy, relayBy } from './requests.ts';

const soon = () => deadlineAfter(wallClock, 20_000);
const roundsMax = 12;

/** The relays' rounds, the rows' age and replication moved on by hand, until nothing is left to be done. */
export async function drain(centres: Centres): Promise<void> {
  const relays = [centres.process('A'), centres.process('B')];
  for (let round = 0; round < roundsMax; round++) {
    await centres.age();
    await centres.replicasFollow();
    for (const process of relays) await process.relay.tick(relayBy(process));
    if ((await leftIn(centres)).length === 0) return;
  }
  expect(await leftIn(centres)).toEqual([]);
}

/** Outbox rows, journal entries, and fences without an end. */
async function leftIn({ admin, journalHands, caches }: Centres): Promise<readonly unknown[]> {
  const columns = "member_id AS memberId, version, 'outbox' AS place";
  const left: unknown[] = [];
  const rows = await admin.sql(
    `SELECT ${columns}, pending FROM control_c0.outbox UNION ALL SELECT ${columns}, pending FROM control_c1.outbox`,
  );
  left.push(...rows);
  for (const [centre, hand] of Object.entries(journalHands)) {
    const entries = await hand.sql('SELECT member_id AS memberId, version FROM journal.entry');
    left.push(...entries.map((entry) => ({ ...entry, place: `journal ${centre}` })));
  }
  for (const cache of [...Object.values(caches.A), ...Object.values(caches.B)]) {
    let cursor = '0';
    do {
      const page = await cache.openFences(cursor, soon());
      left.push(...page.fences.map((fence) => ({ ...fence, place: cache.name })));
      cursor = page.cursor;
    } while (cursor !== '0');
  }
  return left;
}

/** The fences that have an end have come to it. */
export async function outliveFences({ caches, redis: at }: Centres): Promise<void> {
  for (const name of [...Object.keys(caches.A), ...Object.keys(caches.B)]) {
    const redis = at(name);
    for (const key of await redis.keys('f:*')) if ((await redis.pttl(key)) >= 0) await redis.del(key);
  }
}

/** The members of a test as the writer has them, and who owns each identifier. Fails when two hold one (I1). */
async function truthOf(source: MemberSource, memberIds: readonly string[]) {
  const members: Member[] = [];
  const owners = new Map<string, Member>();
  await inParallel([...new Set(memberIds)], async (memberId) => {
    const stored = await source.member(memberId, soon());
    if (stored) members.push(sealer.open(stored));
  });
  for (const member of members) {
    for (const { key } of member.holdings) {
      const other = owners.get(key)?.memberId;
      expect(other, `I1: another owner of ${key} than ${member.memberId}`).toBeUndefined();
      owners.set(key, member);
    }
  }
  return { members, owners };
}

/** Who the directory says is in the race for these identifiers: everybody whom a crashed write may have left there. */
async function namedBy({ admin, schemaOf }: Centres, identifiers: readonly Identifier[]) {
  const named: string[] = [];
  await inParallel(identifiers.map(keyOf), async (key) => {
    const rows = await admin.sql(
      `SELECT member_id FROM ${schemaOf(key)}.directory WHERE identifier_key = ?`,
      key,
    );
    named.push(...rows.map((row) => String(row.member_id)));
  });
  return named;
}

export interface AtRest {
  readonly members: readonly Member[];
  ownerOf(identifier: Identifier): Member | undefined;
}

/**
 * Drains, until no outbox row, journal entry or endless fence is left. Then: no identifier has two owners, nor a
 * directory row that is not its owner's; every search cluster says what the database says; and reads in both centres,
 * from the cache as it was left and then filled anew, answer the owner or nobody.
 */
export async function checkAtRest(
  centres: Centres,
  memberIds: readonly string[],
  identifiers: readonly Identifier[],
): Promise<AtRest> {
  await drain(centres);
  const observer = centres.process('A');
  const everybody = [...memberIds, ...(await namedBy(centres, identifiers))];
  const { members, owners } = await truthOf(observer.writerSource, everybody);

  await inParallel(identifiers, async (identifier) => {
    const key = keyOf(identifier);
    const owner = owners.get(key);
    const row = await observer.writerSource.identifier(key, soon());
    if (owner) {
      expect(row, `the row of ${key}`).toMatchObject({ state: 'bound', memberId: owner.memberId });
      expect(holds(owner, key, row?.token ?? ''), `${key} is bound with its owner's token`).toBe(true);
    } else {
      expect(row?.state, `the row of ${key}, which nobody holds`).not.toBe('bound');
    }
    for (const cluster of Object.values(centres.search)) {
      const { state = 'free', ...named } = (await cluster.identifier(key, soon())) ?? {};
      const said = `${cluster.name} of ${key}`;
      expect(state, said).toBe(owner ? 'bound' : 'free');
      if (owner) expect(named, said).toMatchObject({ memberId: owner.memberId, token: row?.token });
    }
  });
  await inParallel(members, async ({ memberId }) => {
    const stored = await observer.writerSource.member(memberId, soon());
    for (const cluster of Object.values(centres.search)) {
      expect(await cluster.member(memberId, soon()), `${cluster.name} of ${memberId}`).toEqual(stored);
    }
  });
  await expectReads(centres, members, owners, identifiers);
  return { members, ownerOf: (identifier) => owners.get(keyOf(identifier)) };
}

/** The cache as it was left, then filled by these very reads. */
async function expectReads(
  centres: Centres,
  members: readonly Member[],
  owners: ReadonlyMap<string, Member>,
  identifiers: readonly Identifier[],
): Promise<void> {
  for (const process of [centres.process('A'), centres.process('B')]) {
    for (let turn = 0; turn < 2; turn++) {
      await inParallel(identifiers, async (identifier) => {
        await expectFound(process, identifier, owners.get(keyOf(identifier)));
      });
      await inParallel(members, async (member) => {
        const answer = await process.reader.member(member.memberId, readBy(process));
        const isActive = member.status === 'active';
        expect(answer, `${member.memberId} in ${process.centre}`).toMatchObject({
          freshness: 'fresh',
          ...(isActive ? { kind: 'member', member } : { kind: 'nobody' }),
        });
      });
    }
  }
}

/** At most `handsCount` at once. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  handsCount = 8,
): Promise<void> {
  const left = [...items];
  const hands = Array.from({ length: handsCount }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  });
  await Promise.all(hands);
}

/** A lookup answers exactly this member, fresh; without one, nobody. */
export async function expectFound(at: Process, identifier: Identifier, owner: Member | undefined) {
  const answer = await at.reader.lookUp(identifier, readBy(at));
  const found = answer.kind === 'member' ? answer.member : undefined;
  expect([found, answer.freshness], `${keyOf(identifier)} looked up in ${at.centre}`).toEqual([
    owner,
    'fresh',
  ]);
  return answer;
}

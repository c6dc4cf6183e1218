/**
 * I2: an entry that was damaged by hand finds nobody, and never a stranger: in MySQL, in search, and in the cache. Where
 * a better source exists, the right member is found there.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { valueKey } from '../../functions/adapters/redis/keys.ts';
import { SealBroken } from '../../functions/core/member/errors.ts';
import type { Identifier } from '../../functions/core/member/identifiers.ts';
import type { Member } from '../../functions/core/member/member.ts';
import { cacheKeyOfIdentifier } from '../../functions/core/propagation/event.ts';
import { engineAddress } from '../engines.ts';
import { drain, expectFound } from './at-rest.ts';
import { type Centres, makeCentres } from './centres.ts';
import * as ask from './requests.ts';
import { makeSteps } from './steps.ts';

let centres: Centres;
beforeAll(async () => {
  centres = await makeCentres();
});
beforeEach(() => centres.reset());
afterAll(() => centres?.end());

const both = ['A', 'B'] as const;
const searchNames = ['primary', 'backup', 'marketing'] as const;

/** A member, a stranger, and an identifier of the member's; everything is at rest, and nothing is cached. */
async function prepare() {
  const [phone, strangersPhone] = [ask.freshPhone(), ask.freshPhone()];
  const { member } = ask.done(await ask.register(centres.process('A'), [phone]));
  const { member: stranger } = ask.done(await ask.register(centres.process('B'), [strangersPhone]));
  await drain(centres);
  for (const name of [...Object.keys(centres.caches.A), ...Object.keys(centres.caches.B)]) {
    await centres.redis(name).flushdb();
    await centres.openCache(name);
  }
  return { phone, strangersPhone, member, stranger };
}

const withoutSearch = () => {
  const steps = makeSteps();
  steps.fail(/^search:/, 'before');
  return steps;
};

const directoryDamage: Readonly<Record<string, (stranger: Member) => { column: string; value: string }>> = {
  'that names a stranger': ({ memberId }) => ({ column: 'member_id', value: memberId }),
  'with another token': () => ({ column: 'token', value: '20260101.another' }),
  'with the stranger’s token': ({ holdings }) => ({ column: 'token', value: holdings[0]?.token ?? '' }),
};

describe.each(Object.entries(directoryDamage))('a directory row %s', (_, damage) => {
  test.each(both)('finds nobody in %s', async (centre) => {
    const { phone, member, stranger } = await prepare();
    const { column, value } = damage(stranger);
    const key = ask.keyOf(phone);
    const table = `${centres.schemaOf(key)}.directory`;
    await centres.admin.sql(`UPDATE ${table} SET ${column} = ? WHERE identifier_key = ?`, value, key);
    await centres.replicasFollow();

    await expectFound(centres.process(centre, { steps: withoutSearch() }), phone, undefined);
    const answer = await expectFound(centres.process(centre), phone, member);
    expect(answer.source, 'search is a better source than a damaged row').toMatch(/^search:/);
  });
});

type Damage = (
  name: (typeof searchNames)[number],
  phone: Identifier,
  member: Member,
  stranger: Member,
) => Promise<void>;

/** Writes a document as nobody should: at the version that stands there. */
async function putByHand(search: string, kind: string, id: string, change: (document: object) => object) {
  const url = `${engineAddress(`search-${search}`)}/protocol-${kind}/_doc/${encodeURIComponent(id)}?routing=${encodeURIComponent(id)}`;
  const found = (await (await fetch(url)).json()) as { _source: object; _version: number };
  const put = await fetch(`${url}&version_type=external_gte&version=${found._version}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(change(found._source)),
  });
  expect(put.status).toBe(200);
}

const searchDamage: Readonly<Record<string, Damage>> = {
  'an identifier’s document that names a stranger': (name, phone, _, { memberId }) =>
    putByHand(name, 'identifiers', ask.keyOf(phone), (document) => ({ ...document, memberId })),
  'an identifier’s document that names a stranger with the stranger’s token': (
    name,
    phone,
    _,
    { memberId, holdings },
  ) =>
    putByHand(name, 'identifiers', ask.keyOf(phone), (document) => ({
      ...document,
      memberId,
      token: holdings[0]?.token,
    })),
  'an identifier’s document with another token': (name, phone) =>
    putByHand(name, 'identifiers', ask.keyOf(phone), (document) => ({
      ...document,
      token: '20260101.another',
    })),
  'a member’s document with a stranger’s sealed text': async (name, _, member, stranger) => {
    const cluster = centres.search[name];
    const at = centres.process('A');
    const strangers = await cluster?.member(stranger.memberId, ask.relayBy(at));
    await putByHand(name, 'members', member.memberId, (document) => ({
      ...document,
      sealed: strangers?.sealed,
    }));
  },
};

describe.each(Object.entries(searchDamage))('%s', (_, damage) => {
  test('in one cluster, finds the right member in the next', async () => {
    const { phone, member, stranger } = await prepare();
    await damage('primary', phone, member, stranger);
    const inA = await expectFound(centres.process('A'), phone, member);
    expect(inA.source).toBe('search:backup');
  });

  test.each(both)('in all clusters, finds the right member in MySQL, in %s', async (centre) => {
    const { phone, member, stranger } = await prepare();
    for (const name of searchNames) await damage(name, phone, member, stranger);
    const answer = await expectFound(centres.process(centre), phone, member);
    expect(answer.source).toBe(centre === 'A' ? 'writer' : 'replica:mysql-b-0');
  });
});

const cacheDamage: Readonly<Record<string, (own: string, strangers: string) => string>> = {
  'a stranger’s entry': (_, strangers) => strangers,
  'an entry with a stranger’s sealed text': (own, strangers) =>
    [...own.split(' ').slice(0, -1), strangers.split(' ').at(-1)].join(' '),
  'half an entry': (own) => own.slice(0, own.length / 2),
};

describe.each(Object.entries(cacheDamage))('%s under an identifier’s cache key', (_, damage) => {
  test.each(both)('counts as a miss in %s', async (centre) => {
    const { phone, strangersPhone, member, stranger } = await prepare();
    const at = centres.process(centre);
    await expectFound(at, phone, member);
    await expectFound(at, strangersPhone, stranger);
    const names = Object.keys(centres.caches[centre]);
    const cached = (identifier: Identifier) => valueKey(cacheKeyOfIdentifier(ask.keyOf(identifier)));
    const entryOf = async (identifier: Identifier) => {
      const found = await Promise.all(names.map((name) => centres.redis(name).get(cached(identifier))));
      return found.find((text) => text !== null) ?? '';
    };
    const damaged = damage(await entryOf(phone), await entryOf(strangersPhone));
    for (const name of names) await centres.redis(name).set(cached(phone), damaged);
    const answer = await expectFound(at, phone, member);
    expect(answer.source).not.toBe('cache');
  });
});

test.each(both)(
  'a stranger’s sealed text in a member’s own row is answered by nobody’s name in %s',
  async (centre) => {
    const { phone, member, stranger } = await prepare();
    const sealedOf = async ({ memberId }: Member) => {
      const table = `${centres.schemaOf(memberId)}.member`;
      return (await centres.admin.sql(`SELECT sealed FROM ${table} WHERE member_id = ?`, memberId))[0]
        ?.sealed;
    };
    const table = `${centres.schemaOf(member.memberId)}.member`;
    const swapped = await sealedOf(stranger);
    await centres.admin.sql(`UPDATE ${table} SET sealed = ? WHERE member_id = ?`, swapped, member.memberId);
    await centres.replicasFollow();

    const without = centres.process(centre, { steps: withoutSearch() });
    await expect(without.reader.lookUp(phone, ask.readBy(without))).rejects.toThrow(SealBroken);
    await expectFound(centres.process(centre), phone, member);
  },
);

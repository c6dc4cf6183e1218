import { expect, it } from 'vitest';
import { entryOf } from '../../functions/core/cache/entry.ts';
import { DependencyUnavailable } from '../../functions/core/kernel/invariant.ts';
import type { StoredMember } from '../../functions/core/member/member.ts';
import type { IdentifierEntry, Told } from '../../functions/core/member/ports.ts';
import { sourceOf } from '../../functions/core/member/source.ts';
import { differencesIn, staleIn } from '../../scripts/drill/judgement/sinks.ts';
import type { Truth } from '../../scripts/drill/judgement/truth.ts';
import { makeHandClock } from '../adapters/wall-clock.ts';

const clock = makeHandClock();
const member = (
  memberId: string,
  version: number,
  status: StoredMember['status'] = 'active',
): StoredMember => ({
  ...{ memberId, version, status },
  sealed: `sealed ${memberId} ${version}`,
});
const bound = (memberId: string, token: string): IdentifierEntry => ({
  ...{ state: 'bound', memberId, token, version: 1 },
});
const truth: Truth = {
  stored: new Map([member('M1', 3), member('M2', 5, 'cancelled')].map((one) => [one.memberId, one])),
  owners: new Map([['phone', { memberId: 'M1', token: 't1' }]]),
  twoOwners: [],
};
const keys = ['phone', 'card'];

const found = (
  members: Readonly<Record<string, Told<StoredMember>>>,
  identifiers: Readonly<Record<string, Told<IdentifierEntry>>>,
) =>
  differencesIn(
    sourceOf({
      name: 'sink',
      members: async (ids) => ids.map((id) => members[id] ?? null),
      identifiers: async (all) => all.map((key) => identifiers[key] ?? null),
    }),
    truth,
    keys,
    clock,
  ).then((all) => all.map(({ what }) => what));

const right = { M1: member('M1', 3), M2: member('M2', 5, 'cancelled') };

it('a sink that says what the database says does not differ, whether it has a row for what nobody holds or not', async () => {
  expect(await found(right, { phone: bound('M1', 't1') })).toEqual([]);
  const free: IdentifierEntry = { state: 'free', memberId: 'M2', token: 't0', version: 4 };
  expect(await found(right, { phone: bound('M1', 't1'), card: free })).toEqual([]);
});

it('an older member, none at all, another owner, an older token, somebody where there is nobody: each differs', async () => {
  const phone = bound('M1', 't1');
  expect(await found({ ...right, M1: member('M1', 2) }, { phone })).toEqual(['member M1']);
  expect(await found({ M2: right.M2 }, { phone })).toEqual(['member M1']);
  expect(await found({ ...right, M2: member('M2', 5) }, { phone })).toEqual(['member M2']);
  expect(await found(right, { phone: bound('M2', 't1') })).toEqual(['identifier phone']);
  expect(await found(right, { phone: bound('M1', 't0') })).toEqual(['identifier phone']);
  expect(await found(right, { phone, card: bound('M2', 't2') })).toEqual(['identifier card']);
  expect(await found(right, {})).toEqual(['identifier phone']);
});

it('a sink that cannot tell differs once', async () => {
  const away = new DependencyUnavailable('sink', 'away');
  expect(await found({ M1: away, M2: away }, {})).toEqual(['does not answer: sink did not answer']);
});

it('a Redis may lack entries; one that is old, or names who is not the owner, differs', async () => {
  const stale = async (values: Readonly<Record<string, string>>) => {
    const readMany = async (names: readonly string[]) => ({
      values: names.map((name) => values[name] ?? null),
      grants: [],
      state: null,
    });
    const all = await staleIn({ name: 'redis', readMany }, truth, keys, clock);
    return all.map(({ what }) => what);
  };
  expect(await stale({})).toEqual([]);
  const m1 = entryOf(member('M1', 3), 3);
  expect(
    await stale({ 'm:M1': m1, 'i:phone': m1, 'm:M2': entryOf(null, 5), 'i:card': entryOf(null, 4) }),
  ).toEqual([]);
  expect(await stale({ 'm:M1': entryOf(member('M1', 2), 2) })).toEqual(['an entry of m:M1']);
  expect(await stale({ 'i:phone': entryOf(null, 9) })).toEqual(['an entry of i:phone']);
  expect(await stale({ 'i:card': m1 })).toEqual(['an entry of i:card']);
});

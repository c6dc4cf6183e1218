/** The API over a plain map, right or with one thing wrong: to see that the load tells them apart. */
import { NoReply, type Reply, type Send } from '../../scripts/load/api-client.ts';
import type { Random } from '../../scripts/load/random.ts';

interface FakeMember {
  readonly memberId: string;
  readonly version: number;
  readonly name: string;
  readonly level: number;
  readonly held: ReadonlyMap<string, string>;
}

export type Flaw =
  | 'none'
  | 'stale-get'
  | 'stale-lookup'
  | 'unbound-still-found'
  | 'stranger'
  | 'lost-write'
  | 'cancelled-still-there';

export function makeFakeApi(flaw: Flaw, random: Random): Send {
  const members = new Map<string, FakeMember>();
  const older = new Map<string, FakeMember>();
  const owners = new Map<string, string>();
  const formerOwners = new Map<string, string>();
  const done = new Map<string, Reply>();
  let lastVersion = 0;
  let lastId = 0;

  const fresh = { 'x-freshness': 'fresh', 'x-source': 'cache' };
  const nobody: Reply = { status: 404, headers: fresh, body: { code: 'no-such-member' } };
  const view = ({ held, ...rest }: FakeMember) => ({
    ...rest,
    ...Object.fromEntries([...held].filter(([field]) => !field.includes(':'))),
    accounts: [...held]
      .filter(([field]) => field.includes(':'))
      .map(([field, accountId]) => ({ platform: field.split(':')[1], accountId })),
  });
  const isFlawed = (which: Flaw) => flaw === which && random() < 0.2;

  const put = (member: Omit<FakeMember, 'version'>): Reply => {
    const before = members.get(member.memberId);
    const next = { ...member, version: ++lastVersion };
    if (before) older.set(member.memberId, before);
    if (!isFlawed('lost-write')) members.set(member.memberId, next);
    for (const [field, value] of before?.held ?? []) {
      if (member.held.has(field)) continue;
      owners.delete(`${field} ${value}`);
      formerOwners.set(`${field} ${value}`, member.memberId);
    }
    for (const [field, value] of member.held) owners.set(`${field} ${value}`, member.memberId);
    return {
      status: 200,
      headers: {},
      body: { member: view(next), receipt: { memberId: member.memberId, version: next.version } },
    };
  };

  const find = (named: string): Reply => {
    const owner = owners.get(named);
    const [field = '', value] = named.split(' ');
    if (owner === undefined) {
      const before = older.get(formerOwners.get(named) ?? '');
      return before && before.held.get(field) === value && isFlawed('unbound-still-found')
        ? { status: 200, headers: fresh, body: view(before) }
        : nobody;
    }
    const before = older.get(owner);
    if (before && isFlawed('stale-lookup')) return { status: 200, headers: fresh, body: view(before) };
    const whom = isFlawed('stranger') ? [...members.values()].at(0) : members.get(owner);
    return whom ? { status: 200, headers: fresh, body: view(whom) } : nobody;
  };

  const identifierOf = (body: unknown): [string, string] => {
    const [[kind, value] = ['', '']] = Object.entries(body as Record<string, unknown>);
    if (kind !== 'account') return [kind, String(value)];
    const { platform, accountId } = value as { platform: string; accountId: string };
    return [`account:${platform}`, accountId];
  };

  const change = (method: string, path: string, body: unknown): Reply => {
    const [, , , memberId = '', what, field = ''] = path.split('/');
    if (method === 'POST' && memberId === '') {
      const { name, accounts, ...single } = body as {
        name: string;
        accounts: { platform: string; accountId: string }[];
      };
      const held = new Map(Object.entries(single as Record<string, string>));
      for (const { platform, accountId } of accounts) held.set(`account:${platform}`, accountId);
      return put({ memberId: `m${++lastId}`, name, level: 0, held });
    }
    const member = members.get(memberId);
    if (!member) return nobody;
    if (method === 'PATCH') return put({ ...member, ...(body as object) });
    const held = new Map(member.held);
    if (what === undefined) {
      put({ ...member, held: new Map() });
      const version = lastVersion;
      if (!isFlawed('cancelled-still-there')) members.delete(memberId);
      return { status: 200, headers: {}, body: { receipt: { memberId, version } } };
    }
    if (method === 'DELETE') held.delete(field);
    else held.set(...identifierOf(body));
    return put({ ...member, held });
  };

  return async (_, method, path, { body, idempotencyKey } = {}) => {
    await Promise.resolve();
    if (method === 'GET') {
      const memberId = path.split('/')[3] ?? '';
      const before = older.get(memberId);
      const found = before && isFlawed('stale-get') ? before : members.get(memberId);
      return found ? { status: 200, headers: fresh, body: view(found) } : nobody;
    }
    if (path.endsWith('/lookup')) return find(identifierOf(body).join(' '));
    const key = idempotencyKey ?? '';
    const reply = done.get(key) ?? change(method, path, body);
    done.set(key, reply);
    // Carried out, and the answer lost: the same key has to be sent again.
    if (random() < 0.05) throw new NoReply('lost');
    return reply;
  };
}

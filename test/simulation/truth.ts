/**
 * The ground truth of a run: every commit of both database clusters in the order it happened, and what was acknowledged
 * when. Nothing here is read by the code under test.
 */
import type { IdentifierKey } from '../../functions/core/directory/directory.ts';
import type { Member, Receipt } from '../../functions/core/member/member.ts';
import type { Sealer } from '../../functions/core/member/ports.ts';
import {
  type CacheKey,
  cacheKeyOfIdentifier,
  cacheKeyOfMember,
  type IdempotencyRecord,
  type MemberEvent,
} from '../../functions/core/propagation/event.ts';

/** What a reading of one key would have answered at some time: a member at a version, or nobody. */
export interface State {
  readonly memberId: string | null;
  readonly version: number;
  /** When a promotion has lost it: whoever began to read before may still see it. */
  lostAtMs?: number;
}

/** All states of one cache key in the order they came. A read may answer those from its floor on. */
export interface Timeline {
  readonly states: State[];
  /** The newest state that an acknowledged write made. */
  floor: number;
  /** When the floor rose, and to what. */
  readonly rises: { readonly atMs: number; readonly floor: number }[];
}

export interface Committed {
  readonly event: MemberEvent;
  readonly member: Member;
  readonly databaseCluster: string;
  /** Where it stands in the timelines of the keys it changed. */
  readonly places: readonly { readonly key: CacheKey; readonly index: number }[];
}

export interface Truth {
  /** Notes a commit. Answers with it, and the owner that each identifier it takes had just before. */
  committed(
    databaseCluster: string,
    event: MemberEvent,
  ): { readonly commit: Committed; readonly earlierOwners: ReadonlyMap<IdentifierKey, string> };
  /** Of a promotion: what is not among the survivors never was, for whoever comes later. @returns what is lost */
  lose(survives: (event: MemberEvent) => boolean): readonly Committed[];
  isLost(memberId: string, version: number): boolean;
  /** Whether a lost commit gave this token out. */
  isLostToken(token: string): boolean;
  acknowledged(receipt: Omit<Receipt, 'durability'>): void;
  commitOf(memberId: string, version: number): Committed | undefined;
  /** The newest state of each member. */
  readonly members: ReadonlyMap<string, Committed>;
  /** Who holds each identifier now. */
  readonly owners: ReadonlyMap<IdentifierKey, string>;
  /** The commits of a request, by caller, key and member. */
  commitsOf(record: Pick<IdempotencyRecord, 'caller' | 'key'>, memberId: string): readonly Committed[];
  /** The members that registrations of (caller, key) made. */
  registeredBy(record: Pick<IdempotencyRecord, 'caller' | 'key'>): ReadonlySet<string>;
  timeline(key: CacheKey): Timeline;
}

export function makeTruth(sealer: Sealer, nowMs: () => number): Truth {
  const members = new Map<string, Committed>();
  const commits = new Map<string, Committed>();
  const owners = new Map<IdentifierKey, string>();
  const timelines = new Map<CacheKey, Timeline>();
  const byRequest = new Map<string, Committed[]>();
  const registrations = new Map<string, Set<string>>();
  const lost = new Set<string>();
  const lostTokens = new Set<string>();

  const timeline = (key: CacheKey): Timeline => {
    const known = timelines.get(key) ?? { states: [{ memberId: null, version: 0 }], floor: 0, rises: [] };
    timelines.set(key, known);
    return known;
  };

  return {
    members,
    owners,
    timeline,
    committed(databaseCluster, event) {
      const member = sealer.open(event.member);
      const { memberId, version } = member;
      const before = members.get(memberId)?.member.holdings ?? [];
      const held = new Set(member.holdings.map((holding) => holding.key));
      const earlierOwners = new Map<IdentifierKey, string>();
      for (const { key } of before) if (!held.has(key) && owners.get(key) === memberId) owners.delete(key);
      for (const key of held) {
        const owner = owners.get(key);
        if (owner !== undefined) earlierOwners.set(key, owner);
        owners.set(key, memberId);
      }
      const touched = new Map<CacheKey, State>([
        [cacheKeyOfMember(memberId), { memberId: member.status === 'active' ? memberId : null, version }],
      ]);
      for (const { key } of before) touched.set(cacheKeyOfIdentifier(key), { memberId: null, version });
      for (const key of held) touched.set(cacheKeyOfIdentifier(key), { memberId, version });
      const places = [...touched].map(([key, state]) => ({
        key,
        index: timeline(key).states.push(state) - 1,
      }));

      const commit: Committed = { event, member, databaseCluster, places };
      members.set(memberId, commit);
      commits.set(`${memberId} ${version}`, commit);
      const { caller, key } = event.idempotency;
      const request = `${caller} ${key} ${memberId}`;
      byRequest.set(request, [...(byRequest.get(request) ?? []), commit]);
      if (event.history.operation === 'register') {
        const made = registrations.get(`${caller} ${key}`) ?? new Set();
        registrations.set(`${caller} ${key}`, made.add(memberId));
      }
      return { commit, earlierOwners };
    },
    lose(survives) {
      const gone = [...commits.values()].filter(
        ({ event }) => !lost.has(`${event.memberId} ${event.version}`) && !survives(event),
      );
      if (gone.length === 0) return [];
      for (const { event, places } of gone) {
        const { memberId, version, idempotency, directory } = event;
        lost.add(`${memberId} ${version}`);
        for (const { token } of directory) lostTokens.add(token);
        for (const { key, index } of places) {
          const state = timeline(key).states[index];
          if (state) state.lostAtMs = nowMs();
        }
        const request = `${idempotency.caller} ${idempotency.key} ${memberId}`;
        byRequest.set(
          request,
          (byRequest.get(request) ?? []).filter((one) => one.event !== event),
        );
        if (event.history.operation === 'register')
          registrations.get(`${idempotency.caller} ${idempotency.key}`)?.delete(memberId);
      }
      members.clear();
      owners.clear();
      for (const commit of commits.values()) {
        const { memberId, version } = commit.event;
        if (lost.has(`${memberId} ${version}`)) continue;
        if ((members.get(memberId)?.event.version ?? 0) < version) members.set(memberId, commit);
      }
      for (const [memberId, { member }] of members)
        for (const { key } of member.holdings) owners.set(key, memberId);
      for (const [key, { states }] of timelines) {
        const last = states.findLast(({ lostAtMs }) => lostAtMs === undefined)?.memberId ?? null;
        const isLetGo = last !== null && key.startsWith('i:') && owners.get(key.slice(2)) === undefined;
        // By a change that is lost, while a later one of the same member survives, which does not hold it.
        if (isLetGo) states.push({ memberId: null, version: members.get(last)?.event.version ?? 0 });
      }
      return gone;
    },
    isLost: (memberId, version) => lost.has(`${memberId} ${version}`),
    isLostToken: (token) => lostTokens.has(token),
    acknowledged({ memberId, version }) {
      for (const { key, index } of commits.get(`${memberId} ${version}`)?.places ?? []) {
        const line = timeline(key);
        if (index <= line.floor) continue;
        line.floor = index;
        line.rises.push({ atMs: nowMs(), floor: index });
      }
    },
    commitOf: (memberId, version) => commits.get(`${memberId} ${version}`),
    commitsOf: ({ caller, key }, memberId) => byRequest.get(`${caller} ${key} ${memberId}`) ?? [],
    registeredBy: ({ caller, key }) => registrations.get(`${caller} ${key}`) ?? new Set(),
  };
}

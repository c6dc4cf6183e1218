/** What a cache does wrong under concurrency: stale fills, and loads that many pay for. */

import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import type { StoredMember } from '../../functions/core/member/member.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { startChild } from './child.ts';
import { type Library, libraryNames, openLibrary } from './libraries.ts';
import { openReader, plainSealer } from './reader.ts';
import { rounded, type Section } from './section.ts';
import type { StampedeTask } from './stampede-worker.ts';

const racesCount = 50;
const readMs = 2_000;
const loadMs = 20;
const processesCount = 4;
const callersCount = 200;

/** Something that caches, in front of a value that changes. */
interface Racer {
  readonly name: string;
  /** The version that a reader gets. */
  read(key: string, load: () => Promise<number>): Promise<number | undefined>;
  /** What its writer does once the value has changed to `version`. */
  changed(key: string, version: number): Promise<unknown>;
  close(): Promise<unknown>;
}

const racerOf = (library: Library): Racer => ({
  name: library.name,
  read: (key, load) => library.getOrLoad(key, load),
  changed: (key) => library.invalidate(key),
  close: () => library.close(),
});

function ourRacer(url: string): Racer {
  const loads = new Map<string, () => Promise<number>>();
  const { cache, reader, clock, databaseCluster } = openReader(url, async (memberId) => {
    const version = (await loads.get(memberId)?.()) ?? 0;
    return storedAt(memberId, version);
  });
  return {
    name: 'ours',
    async read(memberId, load) {
      loads.set(memberId, load);
      const answer = await reader.member(memberId, deadlineAfter(clock, readMs));
      return answer.kind === 'member' ? answer.member.version : undefined;
    },
    changed: (memberId, version) =>
      cache.fence(
        [{ key: cacheKeyOfMember(memberId), version, databaseCluster, memberId }],
        deadlineAfter(clock, readMs),
      ),
    close: async () => cache.close(),
  };
}

export function storedAt(memberId: string, version: number): StoredMember {
  const status = 'active';
  const times = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
  const member = { memberId, version, status, name: 'somebody', level: 0, holdings: [], ...times } as const;
  return { memberId, version, status, sealed: plainSealer.seal(member) };
}

/** Fill begins with the old value, the value changes and is invalidated, fill ends; then somebody reads. */
async function isStaleAfterRace(racer: Racer, key: string): Promise<boolean> {
  let current = 1;
  let hasLoaded = () => {};
  let mayFill = () => {};
  const loaded = new Promise<void>((resolve) => {
    hasLoaded = resolve;
  });
  const permission = new Promise<void>((resolve) => {
    mayFill = resolve;
  });
  const filler = racer.read(key, async () => {
    const seen = current;
    hasLoaded();
    await permission;
    return seen;
  });
  await loaded;
  current = 2;
  await racer.changed(key, current);
  mayFill();
  await filler;
  return (await racer.read(key, async () => current)) !== current;
}

async function stampede(name: string, redisUrl: string): Promise<{ inOne: number; inAll: number }> {
  const children = Array.from({ length: processesCount }, () =>
    startChild<StampedeTask, { readonly loads: number }>({ program: 'stampede-worker.ts' }),
  );
  const run = async (key: string, callers: readonly number[]): Promise<number> => {
    const startAtMs = Date.now() + 300;
    const answers = await Promise.all(
      callers.map((count, at) =>
        children[at]?.ask({ name, redisUrl, key, callers: count, loadMs, startAtMs }),
      ),
    );
    return answers.reduce((sum, answer) => sum + (answer?.loads ?? 0), 0);
  };
  try {
    const each = Array.from({ length: processesCount }, () => callersCount / processesCount);
    await run(
      `${name}-warm`,
      each.map(() => 1),
    );
    return { inOne: await run(`${name}-one`, [callersCount]), inAll: await run(`${name}-all`, each) };
  } finally {
    for (const child of children) child.end();
  }
}

export const races: Section = {
  name: 'races',
  about: 'stale fills, and loads caused by 200 cold callers of one key',
  async run({ urls }) {
    const racers = [
      ...libraryNames.map((name) => racerOf(openLibrary(name, urls.redis))),
      ourRacer(urls.redis),
    ];
    const staleFills: Record<string, number> = {};
    const stampedeLoads: Record<string, { inOne: number; inAll: number }> = {};
    for (const racer of racers) {
      let stale = 0;
      for (let race = 0; race < racesCount; race++) {
        if (await isStaleAfterRace(racer, `race-${racer.name}-${race}`)) stale++;
      }
      staleFills[racer.name] = rounded(stale);
      stampedeLoads[racer.name] = await stampede(racer.name, urls.redis);
      await racer.close();
    }
    return {
      tables: [
        {
          title: 'Races',
          note: `Stale: a fill begins, the value changes and is invalidated as the library's manual says (for us: fenced), the fill ends; how often the old value is served afterwards, of ${racesCount}. Loads: how often ${callersCount} callers at once load one cold key, where a load takes ${loadMs} ms: from one process, and ${callersCount / processesCount} from each of ${processesCount}.`,
          head: ['', 'stale', 'loads, 1 process', `loads, ${processesCount} processes`],
          rows: racers.map(({ name }) => [
            name,
            String(staleFills[name]),
            String(stampedeLoads[name]?.inOne),
            String(stampedeLoads[name]?.inAll),
          ]),
        },
      ],
      json: { staleFills, stampedeLoads },
    };
  },
};

/** `npm run load -- --lanes`: whether the marketing lane above its share leaves the critical lane as it was. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { requestRates } from '../../functions/runtime/lanes.ts';
import { atOnce } from '../at-once.ts';
import { poolSizes } from '../local/lane-pools.ts';
import { makeApiClient, memberIn } from './api-client.ts';
import { makeLaneReader, type Readable } from './lane-reads.ts';
import type { Order } from './lane-reads-process.ts';
import { laneFiguresOf, laneReportOf, type Round } from './lanes-figures.ts';
import { UsageFault } from './options.ts';
import { makePopulation } from './population.ts';
import { registration } from './programs.ts';
import { findRunningCopy, type Targets } from './running-copy.ts';
import { orNull } from './writes.ts';

const usage = `Usage: npm run load -- --lanes [options]

Reads the running copy on the critical lane at a steady rate: quiet, then with the marketing lane at a multiple of its
share, then quiet again, in several rounds. Prints both lanes' figures. Exit code 1 if the critical lane's p99 (the
median of the rounds) is more than 1.5 times its quiet value, or any of its answers fails.

  --members N       how many to register first (200)
  --rounds N        (5)
  --seconds S       of each phase; a round has two quiet ones of half that, and a loaded one (8)
  --rate R          the critical lane's requests a second (100)
  --times X         the marketing lane's rate, in shares of its own (10)
  --seed N          (the time)
  --json FILE       writes the figures there too`;

const ratioMax = 1.5;
const registeredAtOnce = 4;
const attemptsMax = 10;
const settleMs = 500;

export async function measureLanes(args: readonly string[], say: (line: string) => void): Promise<number> {
  const options = readLaneOptions(args);
  if (options === 'help') {
    say(usage);
    return 0;
  }
  const { rounds, seconds, rate, times, seed, json } = options;
  const targets = await findRunningCopy();
  const { marketing } = targets;
  if (!marketing) throw new Error('The running copy names no caller of the marketing lane.');
  // Straight to the centres, as names send there: on this machine the front door stands in the way of both lanes.
  const { perSecond } = requestRates('marketing', poolSizes.marketing.environmentsMax).read;
  const share = perSecond * marketing.urls.length;
  const marketingRate = share * times;
  say(
    `${options.members} members; critical at ${rate} requests/s, marketing at ${marketingRate}, seed ${seed}`,
  );
  const members = await registerAll(targets, options.members, seed);
  const critical = makeLaneReader({ urls: [targets.frontDoor], key: targets.key, members, seed });
  const flood = startFlood({ ...marketing, members, seed: seed + 1 });
  try {
    for (const by of [critical.read(rate, 2), flood.read(share, 2)]) await by;
    const done: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = await critical.read(rate, seconds / 2);
      const flooding = flood.read(marketingRate, seconds + settleMs / 1000);
      await pause(settleMs);
      const loaded = await critical.read(rate, seconds);
      const counts = await flooding;
      await pause(settleMs);
      const after = await critical.read(rate, seconds / 2);
      done.push({ quiet: [...before, ...after], loaded, marketing: counts });
      say(`round ${round + 1} of ${rounds}`);
    }
    const figures = laneFiguresOf(done);
    say(`\n${laneReportOf(figures)}`);
    if (json !== undefined)
      writeFileSync(json, `${JSON.stringify({ options, marketingRate, ...figures }, undefined, 2)}\n`);
    const hasFailed = figures.quiet.failed + figures.loaded.failed > 0;
    return hasFailed || figures.ratios.p99Median > ratioMax ? 1 : 0;
  } finally {
    critical.close();
    flood.end();
  }
}

async function registerAll(targets: Targets, count: number, seed: number): Promise<readonly Readable[]> {
  const client = makeApiClient({ key: targets.key, socketsMax: registeredAtOnce });
  const base = targets.frontDoor;
  try {
    return await atOnce(registeredAtOnce, makePopulation(seed, count), async (seat): Promise<Readable> => {
      const { method, path, body } = registration({ seat, generation: 0 }, seat.holdings);
      const idempotencyKey = `lanes-${seed}-${seat.index}`;
      const attempt = () => client.send(base, method, path, { body, idempotencyKey }).catch(orNull);
      let reply = await attempt();
      for (let repeat = 1; repeat < attemptsMax && (reply === null || reply.status === 503); repeat++) {
        await pause(settleMs);
        reply = await attempt();
      }
      const member = memberIn((reply?.body as { readonly member?: unknown } | undefined)?.member);
      if (!member) throw new Error(`Members cannot be registered: ${reply?.status ?? 'no answer'}`);
      const value = seat.holdings[seat.usualField] ?? '';
      return { memberId: member.memberId, field: seat.usualField, value };
    });
  } finally {
    client.close();
  }
}

function startFlood(reads: Extract<Order, { kind: 'prepare' }>['reads']) {
  const child = fork(fileURLToPath(new URL('./lane-reads-process.ts', import.meta.url)));
  const give = (order: Order): void => void child.send(order);
  give({ kind: 'prepare', reads });
  return {
    read: (perSecond: number, seconds: number): Promise<Round['marketing']> =>
      new Promise((resolve, reject) => {
        const exited = (): void => reject(new Error('The process of the marketing lane ended.'));
        child.once('exit', exited);
        child.once('message', (counts) => {
          child.off('exit', exited);
          resolve(counts as Round['marketing']);
        });
        give({ kind: 'read', perSecond, seconds });
      }),
    end: () => child.disconnect(),
  };
}

function readLaneOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const names = { members: text, rounds: text, seconds: text, rate: text, times: text, seed: text };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { ...names, json: text, lanes: flag, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) return 'help';
    const number = (name: keyof typeof names, usual: number, min: number, max: number): number => {
      const value = values[name] === undefined ? usual : Number(values[name]);
      if (!(value >= min && value <= max)) throw new UsageFault(`--${name} must be from ${min} to ${max}.`);
      return value;
    };
    return {
      members: Math.floor(number('members', 200, 2, 20_000)),
      rounds: Math.floor(number('rounds', 5, 1, 100)),
      seconds: number('seconds', 8, 1, 600),
      rate: number('rate', 100, 1, 2_000),
      times: number('times', 10, 0, 100),
      seed: Math.floor(number('seed', Date.now() % 2 ** 31, 0, 2 ** 31)),
      json: values.json,
    };
  } catch (error) {
    throw error instanceof UsageFault ? error : new UsageFault((error as Error).message);
  }
}

/** The steady load: the mix of `npm run load` on the critical lane, and lookups on the marketing lane beside it. */
import type { HistoryEntry } from '../../judge/history.ts';
import { makeApiClient } from '../../load/api-client.ts';
import { makeMix } from '../../load/mix.ts';
import { openLoop } from '../../load/open-loop.ts';
import type { Occupied } from '../../load/programs.ts';
import { oneOf, type Random } from '../../load/random.ts';
import { makeRead } from '../../load/reads.ts';
import type { WriteRecord } from '../../load/record.ts';
import { makeStats, type Stats } from '../../load/stats.ts';
import { makeWriteSender } from '../../load/writes.ts';
import { makeClient } from './client.ts';
import type { HashIdentifier } from './entries.ts';
import type { LaneName, Seen, Target } from './seen.ts';

const inFlightMax = 512;
const mix = { readShare: 0.95, zipf: 0.99, writeZipf: 0 };
/** Of the critical lane's rate. */
const marketingShare = 0.1;

export interface LaneNames {
  readonly key: string;
  readonly names: Readonly<Record<Target, string>>;
  readonly frontDoorAt: () => 'A' | 'B';
}

export interface TrafficPorts {
  readonly lanes: Readonly<Record<LaneName, LaneNames>>;
  readonly members: readonly Occupied[];
  readonly record: WriteRecord;
  readonly hash: HashIdentifier;
  readonly history: (entry: HistoryEntry) => void;
  readonly seen: Seen;
  readonly random: Random;
}

/**
 * At the beginning the rate rises, by shares of it that each last so long: functions and engines that have just started are
 * slow, and caches are empty. That is no fault of theirs, and nobody's load begins at once.
 */
const ramp = { shares: [1 / 8, 1 / 4, 1 / 2, 1], seconds: 6 } as const;

export interface Traffic {
  /** What the client's own record says of the answers. */
  readonly stats: Stats;
  /** Resolves when the rate has risen to what it stays at. */
  readonly risen: Promise<void>;
  /** Sends nothing new; resolves once all is answered. */
  stop(): Promise<void>;
  /** Rejects when the client itself fails. */
  readonly failed: Promise<never>;
}

export function startTraffic(perSecond: number, ports: TrafficPorts): Traffic {
  const { lanes, members, record, hash, history, seen, random } = ports;
  const stats = makeStats();
  const clients = { critical: clientOf('critical'), marketing: clientOf('marketing') };

  function clientOf(lane: LaneName) {
    const { key, ...at } = lanes[lane];
    const client = makeApiClient({ key, socketsMax: inFlightMax });
    const send = makeClient({ ...at, lane, send: client.send, hash, seen, history });
    return { read: makeRead({ send, record, stats }), send, close: client.close };
  }

  const { names } = lanes.critical;
  const write = makeWriteSender({
    send: clients.critical.send,
    record,
    stats,
    targets: [names['front-door']],
    random,
  });
  const targets = { frontDoor: names['front-door'], centres: [names.A, names.B], key: '' };
  const next = makeMix({ write, read: clients.critical.read, targets, members, random, options: mix });
  const market = async (): Promise<void> => {
    const { seat } = oneOf(members, random);
    const value = seat.holdings[seat.usualField] ?? '';
    const question = { by: 'identifier', field: seat.usualField, value } as const;
    await clients.marketing.read('marketing', lanes.marketing.names['front-door'], question);
  };

  const stopping = new AbortController();
  const notSent = (): void => stats.failed('not sent', 'too many unanswered');
  const loop = (rate: number, one: () => Promise<void>, seconds: number): Promise<void> =>
    openLoop({ perSecond: rate, seconds, inFlightMax, next: one, notSent, signal: stopping.signal });
  const at = (share: number, seconds: number): Promise<unknown> => {
    const rate = share * perSecond;
    return Promise.all([loop(rate, next, seconds), loop(rate * marketingShare, market, seconds)]);
  };
  const rise = async (): Promise<void> => {
    for (const share of ramp.shares) await at(share, ramp.seconds);
  };
  const risen = rise();
  const running = risen.then(() => at(1, Number.POSITIVE_INFINITY));
  const failed = new Promise<never>((_, reject) => running.catch(reject));
  failed.catch(() => {});
  return {
    stats,
    risen,
    failed,
    async stop() {
      stopping.abort();
      await running;
      clients.critical.close();
      clients.marketing.close();
    },
  };
}

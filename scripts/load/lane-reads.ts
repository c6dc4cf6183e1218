/** Zipf reads of one lane at a rate: half by id, half lookups. A process of its own may run it: see `lanes.ts`. */
import { identifierBody, makeApiClient, NoReply } from './api-client.ts';
import type { Sample } from './lanes-figures.ts';
import { openLoop } from './open-loop.ts';
import { oneOf, seeded } from './random.ts';
import { makeZipf } from './zipf.ts';

export interface Readable {
  readonly memberId: string;
  readonly field: string;
  readonly value: string;
}

export interface LaneReads {
  /** Each is sent to one of them, by turns: what a weighted name does. */
  readonly urls: readonly string[];
  readonly key: string;
  readonly members: readonly Readable[];
  readonly seed: number;
}

/** Few: an open loop needs many only when answers are late. */
const socketsMax = 16;
const inFlightMax = 64;
const zipfExponent = 0.99;

export interface LaneReader {
  read(perSecond: number, seconds: number): Promise<readonly Sample[]>;
  close(): void;
}

export function makeLaneReader({ urls, key, members, seed }: LaneReads): LaneReader {
  const random = seeded(seed);
  const draw = makeZipf(members.length, zipfExponent, random);
  const client = makeApiClient({ key, socketsMax });
  let turn = 0;
  return {
    close: client.close,
    async read(perSecond, seconds) {
      const samples: Sample[] = [];
      const next = async (dueMs: number): Promise<void> => {
        const url = urls[turn++ % urls.length] ?? '';
        const { memberId, field, value } = members[draw()] ?? oneOf(members, random);
        const reply = await (random() < 0.5
          ? client.send(url, 'GET', `/v1/members/${memberId}`)
          : client.send(url, 'POST', '/v1/members/lookup', { body: identifierBody(field, value) })
        ).catch((error: unknown) => {
          if (error instanceof NoReply) return null;
          throw error;
        });
        // From when it was due: what waits behind others waits for its caller too.
        samples.push({ latencyMs: performance.now() - dueMs, status: reply?.status ?? 0 });
      };
      const notSent = () => void samples.push({ latencyMs: 0, status: 0 });
      await openLoop({ perSecond, seconds, inFlightMax, next, notSent });
      return samples;
    },
  };
}

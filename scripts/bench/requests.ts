/** A whole request that hits the cache, from event to answer, beside a bare `GET`. */
import { valueKey } from '../../functions/adapters/redis/keys.ts';
import { entryOf } from '../../functions/core/cache/entry.ts';
import { cacheKeyOfMember } from '../../functions/core/propagation/event.ts';
import { startChild } from './child.ts';
import { cpuBeyond, type Measured, named, type Pace } from './measure.ts';
import { cacheSamples, makeSamples } from './members.ts';
import type { RequestsTask } from './requests-worker.ts';
import { rounded, type Section, sideBySide } from './section.ts';

const samplesCount = 500;
const pace = { rounds: 7, roundMs: 400 };
const warmUp = { rounds: 1, roundMs: 1_500 };

export const requests: Section = {
  name: 'requests',
  about: 'a whole request that hits, sealed and authenticated, beside a bare GET',
  async run({ own, urls, variables, callerKey, openRedis }) {
    const samples = makeSamples(own, 'requests', samplesCount);
    await cacheSamples(own, samples);
    // The same texts, under keys of their own: the service's values are spread over two Redis clusters.
    const bareKeys = samples.map(({ member }) => `bare:${valueKey(cacheKeyOfMember(member.memberId))}`);
    const redis = openRedis();
    for (const [at, { stored }] of samples.entries()) {
      await redis.set(bareKeys[at] ?? '', entryOf(stored, stored.version));
    }
    redis.disconnect();

    const child = startChild<RequestsTask, { readonly measured: readonly Measured[] }>({
      program: 'requests-worker.ts',
      variables,
    });
    const shown = samples.map(({ member, phone }) => ({ memberId: member.memberId, phone }));
    const ask = async (callers: number, at: Pace) => {
      const task = { callerKey, redisUrl: urls.redis, bareKeys, samples: shown, callers, pace: at };
      return (await child.ask(task)).measured;
    };
    // The compiler is at work for the first tens of thousands of requests, which one caller alone does not get to.
    await ask(64, warmUp);
    const alone = await ask(1, pace);
    const together = await ask(64, pace);
    child.end();

    const beyond = (all: readonly Measured[], name: string) =>
      cpuBeyond(named(all, name), named(all, 'bare GET'));
    const byId = 'GET /v1/members/{memberId}';
    return {
      tables: [
        {
          title: 'A whole request that hits',
          note: 'From the API Gateway event to the answer: frame, authentication, limits, the cache, opening the sealed member, the answer’s JSON and headers, the log line (written to a pipe). "beyond" is the processor time of this process a request beyond that of a bare `GET` of the same text.',
          head: [
            '',
            '1 caller, /s',
            '64 callers, /s',
            'CPU us (1)',
            'CPU us (64)',
            'beyond (1)',
            'beyond (64)',
          ],
          rows: sideBySide(alone, together, (name, single, many) => [
            single.cpuMicros,
            many.cpuMicros,
            beyond(alone, name),
            beyond(together, name),
          ]),
        },
      ],
      json: {
        hitCpuMicrosBeyondGet: {
          c1: rounded(beyond(alone, byId)),
          c64: rounded(beyond(together, byId)),
        },
        lookUpCpuMicrosBeyondGet: {
          c1: rounded(beyond(alone, 'POST /v1/members/lookup')),
          c64: rounded(beyond(together, 'POST /v1/members/lookup')),
        },
      },
    };
  },
};

/** The throttling of API Gateway: a lane's rates in one centre, kept by token buckets. What it refuses is made once. */
import { makeShare, type Rate, type Share } from '../../functions/core/caller/share.ts';
import type { Clock } from '../../functions/core/kernel/clock.ts';
import { problemResponse, Refusal } from '../../functions/runtime/api/problems.ts';
import type { RequestKind } from '../../functions/runtime/lanes.ts';

export interface ThrottleRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

export interface Throttle {
  /** Null when the request may pass; it is counted by that. */
  refuses(kind: RequestKind): ThrottleRefusal | null;
}

const wallClock = { monotonicMs: () => performance.now() };

export function makeThrottle(
  rates: Readonly<Record<RequestKind, Rate>>,
  clock: Pick<Clock, 'monotonicMs'> = wallClock,
): Throttle {
  const bucketOf = (kind: RequestKind) => ({
    share: makeShare(rates[kind], clock),
    refusal: refusalOf(kind, rates[kind]),
  });
  const buckets: Readonly<Record<RequestKind, { readonly share: Share; readonly refusal: ThrottleRefusal }>> =
    {
      read: bucketOf('read'),
      batch: bucketOf('batch'),
      write: bucketOf('write'),
      health: bucketOf('health'),
      open: bucketOf('open'),
    };
  return {
    refuses(kind) {
      const { share, refusal } = buckets[kind];
      return share.take(1) === 1 ? null : refusal;
    },
  };
}

function refusalOf(kind: RequestKind, { perSecond }: Rate): ThrottleRefusal {
  // Whole seconds: the header knows nothing shorter.
  const waitSeconds = Math.max(1, Math.ceil(1 / perSecond));
  const given = {
    'retry-after': String(waitSeconds),
    'ratelimit-policy': `"${kind}";q=${perSecond};w=1`,
    ratelimit: `"${kind}";r=0;t=${waitSeconds}`,
  };
  const {
    statusCode = 429,
    headers,
    body = '',
  } = problemResponse(new Refusal('too-many-requests', { headers: given }));
  const content = Buffer.from(body);
  return {
    status: statusCode,
    headers: { ...(headers as Record<string, string>), 'content-length': content.length },
    body: content,
  };
}

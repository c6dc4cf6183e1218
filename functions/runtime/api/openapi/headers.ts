/** The headers of requests and answers, as the API's description tells them. */
import { idempotencyKeyCharactersMax, reasonCharactersMax } from '../../limits.ts';

const text = { type: 'string' } as const;
const etag = { type: 'string', pattern: '^"\\d{1,16}"$' } as const;
const seconds = { type: 'string', pattern: '^\\d+$' } as const;

/** Of answers. Names in lower case, as functions send them. */
export const answerHeaders = {
  etag: { description: "The member's version. Opaque: send it back in `If-Match`.", schema: etag },
  location: { description: 'Where the new member is read.', schema: text },
  'x-freshness': {
    description:
      '`fresh`: no acknowledged write is missing. `bounded`: current as of at most `Age` ago. `stale`: nobody can say.',
    schema: { type: 'string', enum: ['fresh', 'bounded', 'stale'] },
  },
  'x-source': {
    description: 'What answered: the cache, a search cluster, a replica, the writer.',
    schema: text,
  },
  age: { description: 'Seconds, of a `bounded` answer alone.', schema: seconds },
  allow: { description: 'The methods that this path takes.', schema: text },
  'retry-after': {
    description: 'Seconds after which the same request, with the same `Idempotency-Key`, may be sent again.',
    schema: seconds,
  },
  ratelimit: {
    description: 'What is left of a rate of the lane, and the seconds until there is more.',
    schema: text,
  },
  'ratelimit-policy': { description: 'The rate that was passed.', schema: text },
  'www-authenticate': { description: '`Bearer`', schema: text },
} as const;

export type AnswerHeader = keyof typeof answerHeaders;

/** Of requests, besides `Authorization` and `Content-Type`, which OpenAPI tells in its own way. */
export const requestHeaders = {
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description:
      "The caller's own name for this write. The same request under the same key changes nothing again: it gets the same receipt, in either centre.",
    schema: { type: 'string', pattern: `^[\\x20-\\x7e]{1,${idempotencyKeyCharactersMax}}$` },
  },
  reason: {
    name: 'X-Reason',
    in: 'header',
    required: false,
    description: "Why it is written: a code for the member's history.",
    schema: { type: 'string', pattern: `^(?!.*\\d{6})[a-z0-9-]{1,${reasonCharactersMax}}$` },
  },
  ifMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` that the member must still have.',
    schema: etag,
  },
} as const;

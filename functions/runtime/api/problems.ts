/**
 * Problems (RFC 9457): the one table of every code that the API answers with, and how a refusal becomes a response.
 * Codes are stable; titles are for people. No problem ever carries an identifier's value or another member's id.
 */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export const problems = {
  'invalid-request': { status: 400, title: 'The request is not valid.' },
  'malformed-json': { status: 400, title: 'The body is not JSON.' },
  unauthenticated: { status: 401, title: 'No caller has this key.' },
  'caller-disabled': { status: 403, title: 'The caller is disabled.' },
  'wrong-lane': { status: 403, title: 'The caller is registered for another lane.' },
  'key-revoked': { status: 403, title: 'The key has been revoked.' },
  'no-such-member': { status: 404, title: 'There is no such member.' },
  'not-bound': { status: 404, title: 'The member holds nothing there.' },
  'no-such-route': { status: 404, title: 'There is nothing at this path.' },
  'method-not-allowed': { status: 405, title: 'This path does not take this method.' },
  'identifier-bound': { status: 409, title: 'An identifier is bound already.' },
  'version-conflict': { status: 409, title: 'The member has changed since.' },
  'body-too-large': { status: 413, title: 'The body is too large.' },
  'unsupported-media-type': { status: 415, title: 'The body must be application/json.' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key came with another request before.' },
  'idempotency-key-required': { status: 428, title: 'A write needs an Idempotency-Key.' },
  'too-many-requests': { status: 429, title: 'This lane takes no more requests for the moment.' },
  internal: { status: 500, title: 'The service failed.' },
  unavailable: { status: 503, title: 'The service cannot answer now. The same request may be sent again.' },
  'lane-exhausted': { status: 503, title: 'What this lane may use is used up for the moment.' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof problems;

/**
 * What is wrong at one place of a request. `path` is a JSON pointer into the body; outside of the body it is
 * `headers/NAME` or `parameters/NAME`, without the leading slash.
 */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

/** The body of a refusal. Held to its schema by the tests. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly errors: readonly Fault[] | undefined;
}

interface Particulars {
  readonly detail?: string;
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log alone. */
  readonly reason?: string;
}

/** The answer is a problem: thrown by whatever finds it, turned into a response in one place. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly particulars: Particulars;

  constructor(code: ProblemCode, particulars: Particulars = {}) {
    super(code);
    this.code = code;
    this.particulars = particulars;
  }
}

/** `Retry-After` in whole seconds, at least one. */
export function unavailable(
  retryAfterMs: number,
  particulars: Particulars = {},
  code: 'unavailable' | 'lane-exhausted' = 'unavailable',
): Refusal {
  const headers = { ...particulars.headers, 'retry-after': String(secondsOf(retryAfterMs)) };
  return new Refusal(code, { ...particulars, headers });
}

const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

export const statusOf = (code: ProblemCode): number => problems[code].status;

export function problemResponse(refusal: Refusal): APIGatewayProxyStructuredResultV2 {
  const problem = problemOf(refusal);
  return {
    statusCode: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...refusal.particulars.headers,
    },
    body: JSON.stringify(problem),
  };
}

/** The body of the answer. */
export function problemOf({ code, particulars }: Refusal): Problem {
  const { status, title } = problems[code];
  const { detail, errors } = particulars;
  return { type: `urn:membership:problem:${code}`, title, status, code, detail, errors };
}

import { type Clock, type Deadline, remainingMs } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { Identifier } from '../../core/member/identifiers.ts';
import type { ReadBack, ReadBackAnswer } from '../../core/observer/ports.ts';

export interface ReadBackOptions {
  /** The part's name in the configuration. */
  readonly name: string;
  /** The address of the centre's API. */
  readonly url: string;
  /** A caller's key, of the lane that the address serves. */
  readonly key: string;
  readonly clock: Clock;
}

const answerBytesMax = 64 * 1024;

/** Asks a centre's API. Whatever is neither a member nor "nobody" is no answer. */
export function makeReadBack({ name, url, key, clock }: ReadBackOptions): ReadBack {
  const ask = async (path: string, deadline: Deadline, body?: object): Promise<ReadBackAnswer> => {
    try {
      const response = await fetch(new URL(path, url), {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${key}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        redirect: 'error',
        signal: AbortSignal.timeout(Math.max(1, Math.floor(remainingMs(clock, deadline)))),
      });
      const text = await response.text();
      if (response.status !== 200 && response.status !== 404)
        throw new Error(`it answered ${response.status}`);
      if (text.length > answerBytesMax) throw new Error('it answered too much');
      const freshness = freshnessOf(response.headers.get('x-freshness'));
      const source = response.headers.get('x-source') ?? '';
      if (response.status === 404) return { memberId: null, version: null, freshness, source };
      const { memberId, version } = JSON.parse(text) as { memberId: string; version: number };
      return { memberId, version, freshness, source };
    } catch (error) {
      throw new DependencyUnavailable(name, error);
    }
  };

  return {
    member: (memberId, deadline) => ask(`/v1/members/${encodeURIComponent(memberId)}`, deadline),
    lookUp: (identifier, deadline) => ask('/v1/members/lookup', deadline, bodyOf(identifier)),
  };
}

/** An answer that does not say how sure it is came from something else than the service: it is none. */
function freshnessOf(header: string | null): ReadBackAnswer['freshness'] {
  if (header === 'fresh' || header === 'bounded' || header === 'stale') return header;
  throw new Error('it did not say how fresh its answer is');
}

function bodyOf(identifier: Identifier): object {
  return identifier.kind === 'account'
    ? { account: { platform: identifier.platform, accountId: identifier.value } }
    : { [identifier.kind]: identifier.value };
}

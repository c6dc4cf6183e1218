/** The API as the tests call it, and members that no other test has. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';

export interface Member {
  readonly memberId: string;
  readonly version: number;
  readonly status: string;
  readonly name: string;
  readonly level: number;
  readonly phone?: string;
  readonly unionId?: string;
  readonly cardNo?: string;
  readonly accounts: readonly { readonly platform: string; readonly accountId: string }[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface Receipt {
  readonly memberId: string;
  readonly version: number;
  readonly epoch: number;
  readonly durability: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; as `any`, because what stands there is what the tests are about. */
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly body: any;
}

export interface Request {
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly text?: string;
  readonly idempotencyKey?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Api = (base: string, method: string, path: string, request?: Request) => Promise<Answer>;

const retriesMax = 30;

/**
 * A caller with this key. As every caller should, it sends a request that is answered with 503 again, with the same
 * idempotency key (a fresh one for each write, unless it is given one, or null). It also asks again for what is not
 * fresh: on a machine that is busy with something else an answer may be `bounded`, and then proves nothing here.
 */
export function makeApi(key: string | null): Api {
  return async (base, method, path, { body, text, idempotencyKey, headers = {} } = {}) => {
    const isWrite = method !== 'GET' && !path.endsWith('/lookup');
    const sent: Record<string, string> = {};
    if (key !== null) sent.authorization = `Bearer ${key}`;
    if (isWrite && idempotencyKey !== null)
      sent['idempotency-key'] = idempotencyKey ?? `test-${randomUUID()}`;
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    if (content !== undefined) sent['content-type'] = 'application/json';
    const send = async (): Promise<Answer> => {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { ...sent, ...headers },
        ...(content !== undefined && { body: content }),
        signal: AbortSignal.timeout(20_000),
      });
      const answered = await response.text();
      return { status: response.status, headers: response.headers, text: answered, body: parsed(answered) };
    };
    for (let retry = 0; ; retry++) {
      const answer = await send();
      const freshness = answer.headers.get('x-freshness') ?? 'fresh';
      if (answer.body?.code === 'unavailable')
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      if (answer.status !== 503 && freshness === 'fresh') return answer;
      if (retry === retriesMax) return answer;
      await pause(100);
    }
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What nobody else registers. */
export function newIdentifiers() {
  const digits = (count: number) => Array.from({ length: count }, () => randomInt(10)).join('');
  return {
    name: `张伟 ${randomBytes(4).toString('hex')}`,
    phone: `+86139${digits(9)}`,
    unionId: `o-${randomBytes(12).toString('hex')}`,
    cardNo: `77${digits(14)}`,
    accounts: [{ platform: 'tongcheng-app', accountId: `tc-${randomBytes(8).toString('hex')}` }],
  };
}

export type Identifiers = ReturnType<typeof newIdentifiers>;

/** Every body by which a lookup finds a member that was registered so. */
export function lookupsOf({ phone, unionId, cardNo, accounts }: Partial<Identifiers>): readonly object[] {
  return [
    ...(phone === undefined ? [] : [{ phone }]),
    ...(unionId === undefined ? [] : [{ unionId }]),
    ...(cardNo === undefined ? [] : [{ cardNo }]),
    ...(accounts ?? []).map((account) => ({ account })),
  ];
}

export async function register(
  api: Api,
  base: string,
  identifiers: object = newIdentifiers(),
): Promise<{ readonly member: Member; readonly receipt: Receipt }> {
  const answer = await api(base, 'POST', '/v1/members', { body: identifiers });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

/** A write that must be acknowledged. */
export async function write(
  api: Api,
  base: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const answer = await api(base, method, path, body === undefined ? {} : { body });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

export const lookUp = (api: Api, base: string, body: object): Promise<Answer> =>
  api(base, 'POST', '/v1/members/lookup', { body });

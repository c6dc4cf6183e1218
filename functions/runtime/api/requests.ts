/**
 * Reads what a handler needs from an API Gateway event: `parse` runs every parser and names all their faults in one
 * answer. What says more than "not valid" (413, 415, 428) is refused at once.
 */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { type IdentifierField, identifierKinds } from '../../core/member/identifiers.ts';
import { bodyBytesMax, idempotencyKeyCharactersMax, reasonCharactersMax } from '../limits.ts';
import { type Fault, Refusal } from './problems.ts';
import type { BodyParser, Parsed } from './schemas.ts';

export type Parser<Value> = (event: APIGatewayProxyEventV2) => Parsed<Value>;

/** What parsers read, by name. */
export type Values<Parsers> = {
  [Name in keyof Parsers]: Parsers[Name] extends Parser<infer Value> ? Value : never;
};

/** @throws Refusal `invalid-request` with the faults of all parsers */
export function parse<Parsers extends Record<string, Parser<unknown>>>(
  event: APIGatewayProxyEventV2,
  parsers: Parsers,
): Values<Parsers> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, parser] of Object.entries(parsers)) {
    const parsed = parser(event);
    if ('faults' in parsed) faults.push(...parsed.faults);
    else values[name] = parsed.value;
  }
  if (faults.length > 0) throw new Refusal('invalid-request', { errors: faults });
  return values as Values<Parsers>;
}

export const memberIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const memberId: Parser<string> = (event) => {
  const value = event.pathParameters?.memberId ?? '';
  return memberIdPattern.test(value)
    ? { value }
    : fault('parameters/memberId', 'must be a UUID in lower case');
};

/** Every field that a member may hold an identifier in: `phone`, `unionId`, `cardNo`, `account:PLATFORM`. */
export function identifierFields(platforms: readonly string[]): readonly IdentifierField[] {
  return Object.keys(identifierKinds).flatMap((kind) =>
    kind === 'account' ? platforms.map((platform) => `account:${platform}`) : [kind],
  );
}

/** The field to unbind. */
export function identifierField(platforms: readonly string[]): Parser<IdentifierField> {
  const fields = identifierFields(platforms);
  return (event) => {
    const value = event.pathParameters?.field ?? '';
    return fields.includes(value)
      ? { value }
      : fault('parameters/field', `must be one of ${fields.join(', ')}`);
  };
}

/** @throws Refusal `idempotency-key-required` */
const idempotencyKey: Parser<string> = (event) => {
  const value = event.headers['idempotency-key'];
  if (value === undefined || value === '') throw new Refusal('idempotency-key-required');
  const isKey = /^[\x20-\x7e]+$/.test(value) && value.length <= idempotencyKeyCharactersMax;
  if (isKey) return { value };
  return fault(
    'headers/idempotency-key',
    `must be 1 to ${idempotencyKeyCharactersMax} printable ASCII characters`,
  );
};

const reasonCode = /^(?!.*\d{6})[a-z0-9-]+$/;

/**
 * Why it is written: a code for the member's history, or null when the caller does not say. Its form leaves no room for
 * a name, nor, with at most five digits in a row, for an identifier.
 */
const reason: Parser<string | null> = (event) => {
  const value = event.headers['x-reason'];
  if (value === undefined) return { value: null };
  if (reasonCode.test(value) && value.length <= reasonCharactersMax) return { value };
  return fault(
    'headers/x-reason',
    `must be 1 to ${reasonCharactersMax} of a-z 0-9 -, with at most five digits in a row`,
  );
};

/** What every write reads from its headers; `requestOf` takes them. */
export const writeHeaders = { key: idempotencyKey, reason };

/** The version the member must have; null when the caller does not mind. */
export const ifMatch: Parser<number | null> = (event) => {
  const text = event.headers['if-match'];
  if (text === undefined) return { value: null };
  const version = Number(/^"(\d{1,16})"$/.exec(text)?.[1]);
  return Number.isSafeInteger(version)
    ? { value: version }
    : fault('headers/if-match', 'must be one ETag of this member');
};

/** @throws Refusal `body-too-large`, `unsupported-media-type` or `malformed-json` */
export function body<Value>(parser: BodyParser<Value>): Parser<Value> {
  return (event) => {
    const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    if (bytes.length > bodyBytesMax) {
      throw new Refusal('body-too-large', { detail: `A body may have ${bodyBytesMax} bytes.` });
    }
    if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(event.headers['content-type'] ?? '')) {
      throw new Refusal('unsupported-media-type');
    }
    return parser(jsonOf(bytes));
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The parser's own message repeats what was sent.
    throw new Refusal('malformed-json');
  }
}

function fault(path: string, message: string): { readonly faults: readonly Fault[] } {
  return { faults: [{ path, message }] };
}

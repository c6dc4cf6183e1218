/**
 * The bodies that the API takes. Unknown properties are refused, and every fault is named by its path; no message
 * repeats what was sent.
 *
 * A name is kept in Unicode's normal form C, so that one name has one form whatever it was typed on; its length is
 * counted in code points after that. Control characters, line separators and lone surrogates are refused.
 */
import * as z from 'zod/mini';
import {
  fieldOf,
  type Identifier,
  type IdentifierField,
  type IdentifierKind,
  identifierKinds,
} from '../../core/member/identifiers.ts';
import type { Profile } from '../../core/member/member.ts';
import { levelMax, lookupsMax, nameCharactersMax } from '../limits.ts';
import type { Fault } from './problems.ts';

export type Parsed<Value> = { readonly value: Value } | { readonly faults: readonly Fault[] };

/** Parses what JSON said. */
export type BodyParser<Value> = (json: unknown) => Parsed<Value>;

/** What a body says of identifiers, and at which path of the body each field stands. */
interface IdentifiersInBody {
  readonly identifiers: readonly Identifier[];
  pathOf(field: IdentifierField): string;
}

export interface Bodies {
  readonly register: BodyParser<IdentifiersInBody & { readonly name: string }>;
  readonly update: BodyParser<Profile>;
  /** Exactly one identifier: what is looked up, or bound. */
  readonly identifier: BodyParser<IdentifiersInBody & { readonly identifier: Identifier }>;
  /** What a batch looks up, in order. */
  readonly lookups: BodyParser<readonly Identifier[]>;
}

type SingleKind = Exclude<IdentifierKind, 'account'>;
type Singles = Partial<Record<SingleKind, string | undefined>>;

const singleKinds = Object.keys(identifierKinds).filter((kind): kind is SingleKind => kind !== 'account');

const says = (message: string) => ({
  error: (issue: { readonly input: unknown }) => (issue.input === undefined ? 'is required' : message),
});

const isObject = says('must be an object');

const name = z.pipe(
  z.string(says('must be text')),
  z.pipe(
    z.transform((text: string) => text.normalize('NFC')),
    z.string().check(
      z.refine((text) => !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), 'must hold no control characters'),
      z.refine(
        (text) => isWithin([...text].length, 1, nameCharactersMax),
        `must be 1 to ${nameCharactersMax} characters`,
      ),
      z.refine((text) => text === '' || text.trim() !== '', 'must not be blank'),
    ),
  ),
);

const isLevel = { error: `must be 0 to ${levelMax}, whole`, abort: true };
const level = z
  .number(says('must be a number'))
  .check(z.multipleOf(1, isLevel), z.gte(0, isLevel), z.lte(levelMax, isLevel));

function isWithin(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function identifierValue(kind: IdentifierKind) {
  const { pattern, says: text } = identifierKinds[kind];
  return z.string(says(`must be ${text}`)).check(z.regex(pattern, `must be ${text}`));
}

const optionalSingles = Object.fromEntries(
  singleKinds.map((kind) => [kind, z.optional(identifierValue(kind))]),
) as unknown as Record<SingleKind, z.ZodMiniOptional<z.ZodMiniString>>;

/**
 * The schemas that bodies are parsed with, and that the API's description is generated from.
 *
 * @param platforms the platforms that accounts may be of
 */
export function bodySchemasOf(platforms: readonly string[]) {
  const account = z.strictObject(
    {
      platform: z.enum(platforms as [string, ...string[]], says(`must be one of ${platforms.join(', ')}`)),
      accountId: identifierValue('account'),
    },
    isObject,
  );
  const accounts = z
    .array(account, says('must be a list'))
    .check(
      z.minLength(1, 'must hold at least one account'),
      z.maxLength(platforms.length, 'holds too many accounts'),
    );
  const register = z.strictObject({ name, accounts, ...optionalSingles }, isObject);
  const update = z.strictObject({ name: z.optional(name), level: z.optional(level) }, isObject);
  const identifier = z.strictObject({ ...optionalSingles, account: z.optional(account) }, isObject);
  const lookups = z.strictObject(
    {
      // Each is parsed by itself, so that its faults are named as those of a single lookup.
      lookups: z
        .array(z.unknown(), says('must be a list'))
        .check(
          z.minLength(1, 'must hold at least one lookup'),
          z.maxLength(lookupsMax, `must hold at most ${lookupsMax} lookups`),
        ),
    },
    isObject,
  );
  return { account, register, update, identifier, lookups };
}

/** @param platforms the platforms that accounts may be of */
export function makeBodies(platforms: readonly string[]): Bodies {
  const { register, update, identifier, lookups: batch } = bodySchemasOf(platforms);

  const parseIdentifier: Bodies['identifier'] = (json) => {
    const parsed = run(identifier, json);
    if ('faults' in parsed) return parsed;
    const { value } = parsed;
    const all = [...singlesOf(value), ...(value.account ? [accountOf(value.account)] : [])];
    const [only] = all;
    if (only === undefined || all.length > 1) {
      const message = `must hold exactly one of ${[...singleKinds, 'account'].join(', ')}`;
      return { faults: [{ path: '', message }] };
    }
    const pathOf = (field: IdentifierField) => `/${field.split(':')[0]}`;
    return { value: { identifier: only, identifiers: all, pathOf } };
  };

  return {
    register(json) {
      const parsed = run(register, json);
      if ('faults' in parsed) return parsed;
      const { value } = parsed;
      const faults = repeatedPlatforms(value.accounts);
      if (faults.length > 0) return { faults };
      const all = [...singlesOf(value), ...value.accounts.map(accountOf)];
      return {
        value: { name: value.name, identifiers: all, pathOf: (field) => registerPath(field, value.accounts) },
      };
    },

    update(json) {
      const parsed = run(update, json);
      if ('faults' in parsed || Object.keys(parsed.value).length > 0) return parsed;
      return { faults: [{ path: '', message: 'must hold name or level' }] };
    },

    identifier: parseIdentifier,

    lookups(json) {
      const parsed = run(batch, json);
      if ('faults' in parsed) return parsed;
      const each = parsed.value.lookups.map(parseIdentifier);
      const faults = each.flatMap((one, index) =>
        'faults' in one
          ? one.faults.map(({ path, message }) => ({ path: `/lookups/${index}${path}`, message }))
          : [],
      );
      if (faults.length > 0) return { faults };
      return { value: each.flatMap((one) => ('value' in one ? [one.value.identifier] : [])) };
    },
  };
}

function singlesOf(body: Singles): Identifier[] {
  return singleKinds.flatMap((kind) => {
    const value = body[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
}

interface AccountBody {
  readonly platform: string;
  readonly accountId: string;
}

function accountOf({ platform, accountId }: AccountBody): Identifier {
  return { kind: 'account', platform, value: accountId };
}

function registerPath(field: IdentifierField, accounts: readonly AccountBody[]): string {
  const index = accounts.findIndex((account) => fieldOf(accountOf(account)) === field);
  return index === -1 ? `/${field}` : `/accounts/${index}`;
}

function repeatedPlatforms(accounts: readonly AccountBody[]): Fault[] {
  return accounts.flatMap(({ platform }, index) =>
    accounts.findIndex((other) => other.platform === platform) < index
      ? [{ path: `/accounts/${index}/platform`, message: 'must not come twice' }]
      : [],
  );
}

function run<Schema extends z.ZodMiniType>(schema: Schema, json: unknown): Parsed<z.output<Schema>> {
  const result = z.safeParse(schema, json);
  if (result.success) return { value: result.data };
  return { faults: result.error.issues.flatMap(faultsOf) };
}

const propertyNamesMax = 20;

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: pointer(issue.path), message: issue.message }];
  return issue.keys.slice(0, propertyNamesMax).map((key) => {
    // What looks like no property's name may be somebody's number: it is not repeated.
    const isName = /^[A-Za-z_][A-Za-z_-]{0,31}$/.test(key);
    return isName
      ? { path: pointer([...issue.path, key]), message: 'is not known' }
      : { path: pointer(issue.path), message: 'holds a property that is not known' };
  });
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

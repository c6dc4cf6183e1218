/**
 * Examples, by function: one request with its answer each, told under one name in the parameters, the body and the
 * answer. Together they are a walk through the API: run in the document's order (by status within an operation)
 * against a running service, each gets the answer it tells. The tests do so, with ids, versions and times as they come.
 */
import type { ApiFunction } from '../../routes.ts';
import { type ProblemCode, problemOf, Refusal } from '../problems.ts';

export interface Example {
  readonly summary: string;
  readonly status: number;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Requests under one key are one request. Without one where one is needed: that is what the example shows. */
  readonly idempotencyKey?: string;
  readonly reason?: string;
  readonly ifMatch?: string;
  readonly body?: unknown;
  readonly answer: unknown;
}

const ming = {
  memberId: '01a207c8-3ddc-75c6-ac67-a60a95337523',
  version: 4294967297,
  status: 'active',
  name: '王小明',
  level: 0,
  phone: '+8613800000001',
  accounts: [{ platform: 'tongcheng-app', accountId: 'tc-1001' }],
  createdAt: '2026-11-23T09:41:33.314Z',
  updatedAt: '2026-11-23T09:41:33.314Z',
};
const lei = {
  ...ming,
  memberId: '01a207c8-4b02-7d11-9c35-0f6de2a41c77',
  name: 'Li Lei',
  phone: undefined,
  unionId: 'o6_bmasdasdsad6_2sgVt7hMZOPfL',
  accounts: [{ platform: 'elong-app', accountId: 'el-7' }],
};
const nobody = '01a207c8-0000-7000-8000-000000000000';
const receiptOf = ({ memberId, version }: { readonly memberId: string; readonly version: number }) => ({
  memberId,
  version,
  epoch: 1,
  durability: 'both-centres',
});
const both = (member: typeof ming | typeof lei) => ({ member, receipt: receiptOf(member) });
const promoted = { ...ming, version: ming.version + 1, level: 2, updatedAt: '2026-11-23T09:41:35.002Z' };
const carded = { ...promoted, version: promoted.version + 1, cardNo: '600100200300' };
const uncarded = { ...promoted, version: carded.version + 1 };

const problem = (code: ProblemCode, ...errors: readonly [path: string, message: string][]) =>
  problemOf(
    new Refusal(
      code,
      errors.length === 0 ? {} : { errors: errors.map(([path, message]) => ({ path, message })) },
    ),
  );

export const examples: Readonly<Partial<Record<ApiFunction, Readonly<Record<string, Example>>>>> = {
  'register-member': {
    register: {
      summary: 'A member with a phone and an account',
      status: 201,
      idempotencyKey: 'example-1',
      body: { name: ming.name, phone: ming.phone, accounts: ming.accounts },
      answer: both(ming),
    },
    again: {
      summary: 'The same request once more: the same receipt, no second member',
      status: 201,
      idempotencyKey: 'example-1',
      body: { name: ming.name, phone: ming.phone, accounts: ming.accounts },
      answer: both(ming),
    },
    another: {
      summary: 'A member known to WeChat',
      status: 201,
      idempotencyKey: 'example-2',
      body: { name: lei.name, unionId: lei.unionId, accounts: lei.accounts },
      answer: both(lei),
    },
    faulty: {
      summary: 'Every fault is named by its path',
      status: 400,
      idempotencyKey: 'example-3',
      body: { name: 'Han Meimei', phone: '13800000002', accounts: [] },
      answer: problem(
        'invalid-request',
        ['/accounts', 'must hold at least one account'],
        ['/phone', 'must be an E.164 number: + and 7 to 15 digits'],
      ),
    },
    phoneTaken: {
      summary: 'Somebody has the phone. Whose it is is not told',
      status: 409,
      idempotencyKey: 'example-4',
      body: {
        name: 'Han Meimei',
        phone: ming.phone,
        accounts: [{ platform: 'elong-app', accountId: 'el-8' }],
      },
      answer: problem('identifier-bound', ['/phone', 'is bound already']),
    },
    keyReused: {
      summary: 'The key of another request',
      status: 422,
      idempotencyKey: 'example-1',
      body: { name: 'Han Meimei', accounts: [{ platform: 'elong-app', accountId: 'el-8' }] },
      answer: problem('idempotency-key-reused'),
    },
    noKey: {
      summary: 'A write without a key',
      status: 428,
      body: { name: 'Han Meimei', accounts: [{ platform: 'elong-app', accountId: 'el-8' }] },
      answer: problem('idempotency-key-required'),
    },
  },
  'look-up-member': {
    byPhone: { summary: 'By phone', status: 200, body: { phone: ming.phone }, answer: ming },
    byAccount: {
      summary: "By a platform's own account",
      status: 200,
      body: { account: lei.accounts[0] },
      answer: lei,
    },
    two: {
      summary: 'Two identifiers at once',
      status: 400,
      body: { phone: ming.phone, unionId: lei.unionId },
      answer: problem('invalid-request', ['', 'must hold exactly one of phone, unionId, cardNo, account']),
    },
    unbound: {
      summary: 'An identifier that names nobody',
      status: 404,
      body: { cardNo: '600100200300' },
      answer: problem('no-such-member'),
    },
  },
  'look-up-members': {
    three: {
      summary: 'Two who are there, and an identifier that names nobody',
      status: 200,
      body: { lookups: [{ phone: ming.phone }, { unionId: lei.unionId }, { cardNo: '600100200300' }] },
      answer: {
        results: [
          { status: 200, member: ming, freshness: 'fresh', source: 'cache' },
          { status: 200, member: lei, freshness: 'fresh', source: 'cache' },
          { status: 404, code: 'no-such-member', freshness: 'fresh', source: 'cache' },
        ],
      },
    },
    faulty: {
      summary: 'A fault is named by its place in the list',
      status: 400,
      body: { lookups: [{ phone: ming.phone }, { phone: ming.phone, cardNo: '600100200300' }] },
      answer: problem('invalid-request', [
        '/lookups/1',
        'must hold exactly one of phone, unionId, cardNo, account',
      ]),
    },
  },
  'get-member': {
    found: { summary: 'A member', status: 200, parameters: { memberId: ming.memberId }, answer: ming },
    noId: {
      summary: 'What is no id',
      status: 400,
      parameters: { memberId: 'tc-1001' },
      answer: problem('invalid-request', ['parameters/memberId', 'must be a UUID in lower case']),
    },
    noCaller: {
      summary: "Without a caller's key",
      status: 401,
      parameters: { memberId: ming.memberId },
      answer: problem('unauthenticated'),
    },
    nobody: {
      summary: 'An id that nobody has',
      status: 404,
      parameters: { memberId: nobody },
      answer: problem('no-such-member'),
    },
  },
  'update-member': {
    level: {
      summary: 'A new level, of the member as it was read',
      status: 200,
      parameters: { memberId: ming.memberId },
      idempotencyKey: 'example-5',
      reason: 'spring-campaign',
      ifMatch: `"${ming.version}"`,
      body: { level: 2 },
      answer: both(promoted),
    },
    oldVersion: {
      summary: 'The member has changed since',
      status: 409,
      parameters: { memberId: ming.memberId },
      idempotencyKey: 'example-6',
      ifMatch: '"1"',
      body: { name: '王晓明' },
      answer: problem('version-conflict'),
    },
  },
  'cancel-member': {
    cancel: {
      summary: 'The end of a member',
      status: 200,
      parameters: { memberId: lei.memberId },
      idempotencyKey: 'example-7',
      answer: { receipt: receiptOf({ ...lei, version: lei.version + 1 }) },
    },
    gone: {
      summary: 'It is cancelled already',
      status: 404,
      parameters: { memberId: lei.memberId },
      idempotencyKey: 'example-8',
      answer: problem('no-such-member'),
    },
  },
  'bind-identifier': {
    card: {
      summary: 'A card',
      status: 200,
      parameters: { memberId: ming.memberId },
      idempotencyKey: 'example-9',
      body: { cardNo: carded.cardNo },
      answer: both(carded),
    },
    nobody: {
      summary: 'An id that nobody has',
      status: 404,
      parameters: { memberId: nobody },
      idempotencyKey: 'example-10',
      body: { cardNo: '600100200301' },
      answer: problem('no-such-member'),
    },
  },
  'unbind-identifier': {
    card: {
      summary: 'The card again',
      status: 200,
      parameters: { memberId: ming.memberId, field: 'cardNo' },
      idempotencyKey: 'example-11',
      answer: both(uncarded),
    },
    notBound: {
      summary: 'The member holds nothing there',
      status: 404,
      parameters: { memberId: ming.memberId, field: 'account:elong-app' },
      idempotencyKey: 'example-12',
      answer: problem('not-bound'),
    },
  },
  health: {
    serving: { summary: 'It serves', status: 200, answer: { status: 'serving', centre: 'A' } },
  },
};

/**
 * What cannot be read off the route table, the schemas and the table of problems: what each operation is for, what it
 * answers when all is well, and the problems that are its own. A route without an entry is no description:
 * `describeApi` refuses to make one.
 */
import type { ApiFunction } from '../../routes.ts';
import type { ProblemCode } from '../problems.ts';
import type { AnswerName, BodyName } from './components.ts';
import type { AnswerHeader } from './headers.ts';

interface AnswerDescription {
  readonly status: number;
  readonly says: string;
  readonly answer: AnswerName;
  readonly headers?: readonly AnswerHeader[];
}

export interface OperationDescription {
  readonly summary: string;
  readonly description?: string;
  readonly body?: BodyName;
  readonly takesIfMatch?: boolean;
  readonly answers: readonly AnswerDescription[];
  /** Besides those that every route of its kind has. */
  readonly problems?: readonly ProblemCode[];
}

const read = ['etag', 'x-freshness', 'x-source', 'age'] as const;

/** By function. One that is not routed has none. */
export const operations: Readonly<Partial<Record<ApiFunction, OperationDescription>>> = {
  'register-member': {
    summary: 'Register a member',
    description: 'A new member with its accounts and identifiers. None of them may be bound already.',
    body: 'RegisterMember',
    answers: [
      {
        status: 201,
        says: 'The member is registered, and the write acknowledged.',
        answer: 'MemberAndReceipt',
        headers: ['location', 'etag'],
      },
    ],
    problems: ['identifier-bound'],
  },
  'look-up-member': {
    summary: 'Look a member up by an identifier',
    description:
      'The whole relationship of whom one identifier names. A POST, to keep identifiers out of URLs.',
    body: 'Identifier',
    answers: [{ status: 200, says: 'The member.', answer: 'Member', headers: read }],
    problems: ['no-such-member'],
  },
  'look-up-members': {
    summary: 'Look many members up at once',
    description: 'Up to 100 lookups, each with its own result, in the order of the lookups.',
    body: 'Lookups',
    answers: [
      {
        status: 200,
        says: 'A result for each lookup. The headers promise of the whole no more than of its worst result.',
        answer: 'Batch',
        headers: ['x-freshness', 'x-source', 'age'],
      },
    ],
  },
  'get-member': {
    summary: 'Read a member by its id',
    answers: [{ status: 200, says: 'The member.', answer: 'Member', headers: read }],
    problems: ['no-such-member'],
  },
  'update-member': {
    summary: 'Change name or level',
    body: 'UpdateMember',
    takesIfMatch: true,
    answers: [
      { status: 200, says: 'The member after the change.', answer: 'MemberAndReceipt', headers: ['etag'] },
    ],
    problems: ['no-such-member', 'version-conflict'],
  },
  'cancel-member': {
    summary: 'Cancel a member',
    description:
      'Ends the member, for ever: nothing finds it any more, and its identifiers are free to take.',
    answers: [{ status: 200, says: 'The member is cancelled.', answer: 'ReceiptOnly' }],
    problems: ['no-such-member'],
  },
  'bind-identifier': {
    summary: 'Bind an identifier or account',
    description: 'The field must be empty: what stands there is unbound first, by its own request.',
    body: 'Identifier',
    answers: [
      { status: 200, says: 'The member with the identifier.', answer: 'MemberAndReceipt', headers: ['etag'] },
    ],
    problems: ['no-such-member', 'identifier-bound'],
  },
  'unbind-identifier': {
    summary: 'Take an identifier or account away',
    answers: [{ status: 200, says: 'The member without it.', answer: 'MemberAndReceipt', headers: ['etag'] }],
    problems: ['no-such-member', 'not-bound'],
  },
  health: {
    summary: 'Whether this centre can serve by itself',
    answers: [
      { status: 200, says: 'It can.', answer: 'Health' },
      { status: 503, says: 'It cannot: ask the other centre.', answer: 'Health' },
    ],
  },
  openapi: {
    summary: 'This description',
    answers: [{ status: 200, says: 'An OpenAPI 3.1 document.', answer: 'OpenApi' }],
  },
};

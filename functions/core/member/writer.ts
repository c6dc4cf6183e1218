/** The writes that callers ask for. Each decides what to change; `write-flow.ts` carries it out. */
import type { Deadline } from '../kernel/clock.ts';
import { fieldOf, type Identifier, type IdentifierField } from './identifiers.ts';
import {
  decideBind,
  decideCancel,
  decideRegister,
  decideUnbind,
  decideUpdate,
  holdingsIn,
  type Member,
  type Profile,
} from './member.ts';
import type { WriteOutcome, WriteRequest } from './outcomes.ts';
import type { Registrations } from './ports.ts';
import { type Intent, makeWriteFlow, unavailable, type WriteFlowPorts, wantedOf } from './write-flow.ts';

export interface MemberWriterPorts extends WriteFlowPorts {
  readonly registrations: Registrations;
}

export interface RegisterInput {
  readonly name: string;
  /** At most one a field. */
  readonly identifiers: readonly Identifier[];
}

export interface MemberWriter {
  register(input: RegisterInput, request: WriteRequest, deadline: Deadline): Promise<WriteOutcome>;
  /** @param ifMatch the version that the caller knows, or null to change whatever stands */
  update(
    memberId: string,
    profile: Profile,
    ifMatch: number | null,
    request: WriteRequest,
    deadline: Deadline,
  ): Promise<WriteOutcome>;
  bind(
    memberId: string,
    identifier: Identifier,
    request: WriteRequest,
    deadline: Deadline,
  ): Promise<WriteOutcome>;
  unbind(
    memberId: string,
    field: IdentifierField,
    request: WriteRequest,
    deadline: Deadline,
  ): Promise<WriteOutcome>;
  cancel(memberId: string, request: WriteRequest, deadline: Deadline): Promise<WriteOutcome>;
}

export function makeMemberWriter(ports: MemberWriterPorts): MemberWriter {
  const { registrations, hasher, ids, clock } = ports;
  const flow = makeWriteFlow(ports);
  const nowIso = (): string => new Date(clock.nowMs()).toISOString();

  /** A change of a member that must be there and active. */
  const change = (
    memberId: string,
    request: WriteRequest,
    deadline: Deadline,
    decide: (member: Member) => Intent,
  ): Promise<WriteOutcome> =>
    flow(memberId, request, deadline, (member) =>
      member?.status === 'active' ? decide(member) : { kind: 'answer', outcome: { kind: 'no-such-member' } },
    );

  return {
    async register(input, request, deadline) {
      const record = {
        caller: request.caller,
        key: request.idempotencyKey,
        requestHash: request.requestHash,
        memberId: ids.memberId(),
      };
      const begun = await registrations.begin(record, deadline);
      if (begun.kind === 'not-the-writer') return unavailable('not-the-writer');
      if (begun.requestHash !== request.requestHash) return { kind: 'key-reused' };
      // Its own new id stands there: nobody has known it before, and so there is nothing to read of it yet.
      const isFirst = begun.memberId === record.memberId;
      return flow(
        begun.memberId,
        request,
        deadline,
        (member) =>
          member === null
            ? {
                kind: 'change',
                wanted: wantedOf(hasher, input.identifiers),
                change: (taken) => decideRegister(begun.memberId, input.name, taken, nowIso()),
              }
            : // Trimmed: the member stands, its record of this request is gone. It is not made twice.
              { kind: 'answer', outcome: { kind: 'key-reused' } },
        isFirst ? { stored: null, repeat: null, epoch: begun.epoch } : undefined,
      );
    },

    update: (memberId, profile, ifMatch, request, deadline) =>
      change(memberId, request, deadline, (member) =>
        ifMatch !== null && ifMatch !== member.version
          ? { kind: 'answer', outcome: { kind: 'version-conflict' } }
          : { kind: 'change', wanted: [], change: () => decideUpdate(member, profile, nowIso()) },
      ),

    bind: (memberId, identifier, request, deadline) =>
      change(memberId, request, deadline, (member) => {
        const field = fieldOf(identifier);
        return holdingsIn(member, field).length > 0
          ? { kind: 'answer', outcome: { kind: 'identifier-bound', fields: [field] } }
          : {
              kind: 'change',
              wanted: wantedOf(hasher, [identifier]),
              change: (taken) => decideBind(member, taken, nowIso()),
            };
      }),

    unbind: (memberId, field, request, deadline) =>
      change(memberId, request, deadline, (member) => {
        const held = holdingsIn(member, field);
        return held.length > 0
          ? { kind: 'change', wanted: [], change: () => decideUnbind(member, held, nowIso()) }
          : { kind: 'answer', outcome: { kind: 'not-bound', field } };
      }),

    cancel: (memberId, request, deadline) =>
      change(memberId, request, deadline, (member) => ({
        kind: 'change',
        wanted: [],
        change: () => decideCancel(member, nowIso()),
      })),
  };
}

import { canonical } from './core/member/identifiers.ts';
import { memberAndReceipt, writeResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, memberId, parse, writeHeaders } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { writeHandler } from './runtime/middleware/api-handler.ts';

/** `POST /v1/members/{memberId}/bindings`: one more identifier or account of a member. */
export const makeBindIdentifier = (parts: Lazily<ApiParts>) =>
  writeHandler('bind-identifier', parts, async ({ writer, bodies }, { event, deadline, requestOf }) => {
    const asked = parse(event, { ...writeHeaders, memberId, body: body(bodies.identifier) });
    const { identifier, pathOf } = asked.body;
    const request = requestOf(asked, asked.memberId, canonical(identifier));
    const outcome = await writer.bind(asked.memberId, identifier, request, deadline);
    return writeResponse(outcome, memberAndReceipt(), pathOf);
  });

export const handler = makeBindIdentifier(apiParts);

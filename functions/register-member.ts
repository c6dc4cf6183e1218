import { canonical } from './core/member/identifiers.ts';
import { memberAndReceipt, writeResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, parse, writeHeaders } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { writeHandler } from './runtime/middleware/api-handler.ts';

/** `POST /v1/members`: a new member with its accounts and identifiers. */
export const makeRegisterMember = (parts: Lazily<ApiParts>) =>
  writeHandler('register-member', parts, async ({ writer, bodies }, { event, deadline, requestOf }) => {
    const asked = parse(event, { ...writeHeaders, body: body(bodies.register) });
    const { name, identifiers, pathOf } = asked.body;
    const request = requestOf(asked, name, ...identifiers.map(canonical).sort());
    const outcome = await writer.register({ name, identifiers }, request, deadline);
    return writeResponse(outcome, memberAndReceipt(201), pathOf);
  });

export const handler = makeRegisterMember(apiParts);

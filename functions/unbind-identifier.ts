import { memberAndReceipt, writeResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { identifierField, memberId, parse, writeHeaders } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { writeHandler } from './runtime/middleware/api-handler.ts';

/** `DELETE /v1/members/{memberId}/bindings/{field}`: takes an identifier or account away. */
export const makeUnbindIdentifier = (parts: Lazily<ApiParts>) =>
  writeHandler('unbind-identifier', parts, async ({ writer, platforms }, { event, deadline, requestOf }) => {
    const asked = parse(event, { ...writeHeaders, memberId, field: identifierField(platforms) });
    const request = requestOf(asked, asked.memberId, asked.field);
    const outcome = await writer.unbind(asked.memberId, asked.field, request, deadline);
    return writeResponse(outcome, memberAndReceipt());
  });

export const handler = makeUnbindIdentifier(apiParts);

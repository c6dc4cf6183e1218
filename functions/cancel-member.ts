import { receiptOnly, writeResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { memberId, parse, writeHeaders } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { writeHandler } from './runtime/middleware/api-handler.ts';

/** `DELETE /v1/members/{memberId}`: ends a member, for ever. */
export const makeCancelMember = (parts: Lazily<ApiParts>) =>
  writeHandler('cancel-member', parts, async ({ writer }, { event, deadline, requestOf }) => {
    const asked = parse(event, { ...writeHeaders, memberId });
    const outcome = await writer.cancel(asked.memberId, requestOf(asked, asked.memberId), deadline);
    return writeResponse(outcome, receiptOnly);
  });

export const handler = makeCancelMember(apiParts);

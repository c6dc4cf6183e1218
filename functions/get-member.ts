import { readResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { memberId, parse } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { readHandler } from './runtime/middleware/api-handler.ts';

/** `GET /v1/members/{memberId}`: a member by its id. */
export const makeGetMember = (parts: Lazily<ApiParts>) =>
  readHandler('get-member', parts, async ({ reader }, { event, deadline }) => {
    const asked = parse(event, { memberId });
    return readResponse(await reader.member(asked.memberId, deadline));
  });

export const handler = makeGetMember(apiParts);

import { memberAndReceipt, writeResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, ifMatch, memberId, parse, writeHeaders } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { writeHandler } from './runtime/middleware/api-handler.ts';

/**
 * `PATCH /v1/members/{memberId}`: name and level. `If-Match` is a condition and no part of the request that a key
 * stands for: who repeats after a lost answer may have learnt the newer version meanwhile.
 */
export const makeUpdateMember = (parts: Lazily<ApiParts>) =>
  writeHandler('update-member', parts, async ({ writer, bodies }, { event, deadline, requestOf }) => {
    const asked = parse(event, { ...writeHeaders, memberId, ifMatch, body: body(bodies.update) });
    const { name, level } = asked.body;
    const request = requestOf(asked, asked.memberId, JSON.stringify([name ?? null, level ?? null]));
    const outcome = await writer.update(asked.memberId, asked.body, asked.ifMatch, request, deadline);
    return writeResponse(outcome, memberAndReceipt());
  });

export const handler = makeUpdateMember(apiParts);

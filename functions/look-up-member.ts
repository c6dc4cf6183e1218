import { readResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, parse } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { readHandler } from './runtime/middleware/api-handler.ts';

/** `POST /v1/members/lookup`: the whole relationship of whom one identifier names. A POST, to keep it out of URLs. */
export const makeLookUpMember = (parts: Lazily<ApiParts>) =>
  readHandler('look-up-member', parts, async ({ reader, bodies }, { event, deadline }) => {
    const asked = parse(event, { body: body(bodies.identifier) });
    return readResponse(await reader.lookUp(asked.body.identifier, deadline));
  });

export const handler = makeLookUpMember(apiParts);

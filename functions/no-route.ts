import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { Refusal } from './runtime/api/problems.ts';
import { apiParts } from './runtime/composition/api.ts';
import { openHandler } from './runtime/middleware/api-handler.ts';
import { matchRoute } from './runtime/routes.ts';

/** Answers what has no route: API Gateway's own answers would not be problems, and know no 405. */
export const makeNoRoute = (parts: Lazily<ApiParts>) =>
  openHandler('no-route', parts, async (_, { event }) => {
    const match = matchRoute(event.requestContext.http.method, event.rawPath);
    if (match.kind !== 'other-method') throw new Refusal('no-such-route');
    throw new Refusal('method-not-allowed', { headers: { allow: match.allow.join(', ') } });
  });

export const handler = makeNoRoute(apiParts);

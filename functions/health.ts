import { json } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { apiParts } from './runtime/composition/api.ts';
import { openHandler } from './runtime/middleware/api-handler.ts';

/** `GET /health`: whether this centre can serve by itself. What the name servers go by. */
export const makeHealthFunction = (parts: Lazily<ApiParts>) =>
  openHandler('health', parts, async ({ health, centre }, { deadline }) => {
    const status = await health.check(deadline);
    return json(status === 'serving' ? 200 : 503, { status, centre });
  });

export const handler = makeHealthFunction(apiParts);

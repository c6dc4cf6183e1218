import written from '../docs/openapi.json' with { type: 'json' };
import { json } from './runtime/api/answers.ts';
import { describedFor } from './runtime/api/openapi/described-for.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { apiParts } from './runtime/composition/api.ts';
import { openHandler } from './runtime/middleware/api-handler.ts';

/**
 * `GET /openapi.json`: the API's description, with the platforms of this deployment. It was generated before
 * (`npm run openapi`): what generates it would be bundled into the chunks that every function loads.
 */
export const makeOpenApi = (parts: Lazily<ApiParts>) =>
  openHandler('openapi', parts, async ({ platforms }) => json(200, describedFor(written, platforms)));

export const handler = makeOpenApi(apiParts);

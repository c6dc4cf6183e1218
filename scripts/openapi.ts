/**
 * Writes the API's description into docs/openapi.json. `GET /openapi.json` answers the same, with the platforms of its
 * deployment.
 *
 *   npm run openapi
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeApi } from '../functions/runtime/api/openapi/describe-api.ts';
import { defaultPlatforms } from '../functions/runtime/env.ts';

const path = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(describeApi(defaultPlatforms), undefined, 2)}\n`);
console.log(`written: ${path}`);

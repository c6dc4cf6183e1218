import { readdirSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, type Bundles, describeFunctions } from '../../scripts/local/bundle.ts';

const functionNames = readdirSync('functions')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));
const heavy = ['mysql2', '@opensearch-project/opensearch', '@aws-sdk/'];
/** Of what a hit needs. Nobody waits for a relay to begin: it overlaps the one before. */
const bytesMaxOf = (name: string): number => (name === 'relay-outbox' ? 320 : 300) * 1024;

let bundles: Bundles;
beforeAll(async () => {
  bundles = await describeFunctions();
}, 60_000);

/** What deploys and rotates: nobody waits for it. */
const behindTheScenes = /^(prepare-|replicate-|rotate-)/;

describe.each(functionNames.filter((name) => !behindTheScenes.test(name)))('%s', (name) => {
  const bundle = (): Bundle => bundles.get(name) ?? { bytes: Number.NaN, inputs: [] };

  it('loads no driver before it is needed, but the cache’s', () => {
    const { inputs } = bundle();
    expect(inputs.some((file) => file.includes('node_modules/ioredis/'))).toBe(true);
    expect(inputs.filter((file) => heavy.some((each) => file.includes(`node_modules/${each}`)))).toEqual([]);
  });

  it('is small to load', () => {
    const description = name === 'openapi' ? statSync('docs/openapi.json').size : 0;
    expect(bundle().bytes).toBeLessThanOrEqual(bytesMaxOf(name) + description);
  });

  it('loads nothing that generates the description of the API', () => {
    const generating = /describe-api|json-schema|answer-schemas/;
    expect(bundle().inputs.filter((file) => generating.test(file))).toEqual([]);
  });

  it('loads the description itself only to answer it', () => {
    expect(bundle().inputs.includes('docs/openapi.json')).toBe(name === 'openapi');
  });
});

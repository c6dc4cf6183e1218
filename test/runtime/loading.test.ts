import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, type Bundles, describeFunctions } from '../../scripts/local/bundle.ts';

const functionNames = readdirSync('functions')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.slice(0, -'.ts'.length));
const heavy = ['mysql2', '@opensearch-project/opensearch', '@aws-sdk/'];
const bytesMax = 300 * 1024;

let bundles: Bundles;
beforeAll(async () => {
  bundles = await describeFunctions();
}, 60_000);

describe.each(functionNames)('%s', (name) => {
  const bundle = (): Bundle => bundles.get(name) ?? { bytes: Number.NaN, inputs: [] };

  it('loads no driver before it is needed, but the cache’s', () => {
    const { inputs } = bundle();
    expect(inputs.some((file) => file.includes('node_modules/ioredis/'))).toBe(true);
    expect(inputs.filter((file) => heavy.some((each) => file.includes(`node_modules/${each}`)))).toEqual([]);
  });

  it('is small to load', () => {
    expect(bundle().bytes).toBeLessThanOrEqual(bytesMax);
  });
});

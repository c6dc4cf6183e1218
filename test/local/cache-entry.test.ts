import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verify } from '../../scripts/local/artifacts.ts';
import { ensureCacheEntry } from '../../scripts/local/cache-entry.ts';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'membership-cache-'));
});

afterEach(() => rmSync(cache, { recursive: true }));

describe('a cache entry', () => {
  it('is made once, whoever asks at the same time', async () => {
    let made = 0;
    const ask = () =>
      ensureCacheEntry(cache, 'kind/entry', async (directory) => {
        made += 1;
        await new Promise((resolve) => setImmediate(resolve));
        writeFileSync(join(directory, 'content'), 'whole');
      });
    const [first, second] = await Promise.all([ask(), ask()]);
    expect(made).toBe(1);
    expect(second).toBe(first);
    expect(readFileSync(join(first, 'content'), 'utf8')).toBe('whole');
    expect(readdirSync(join(cache, 'kind'))).toEqual(['entry']);
  });

  it('that could not be made leaves nothing and is made by the next', async () => {
    const failing = ensureCacheEntry(cache, 'entry', async (directory) => {
      writeFileSync(join(directory, 'half'), '');
      throw new Error('no room left');
    });
    await expect(failing).rejects.toThrow('no room left');
    expect(readdirSync(cache)).toEqual([]);
    expect(existsSync(await ensureCacheEntry(cache, 'entry', async () => {}))).toBe(true);
  });

  it('is taken over from a maker that died', async () => {
    writeFileSync(join(cache, 'entry.lock'), JSON.stringify({ pid: process.pid, startedAt: 'earlier' }));
    mkdirSync(join(cache, 'entry.making-0'));
    await ensureCacheEntry(cache, 'entry', async () => {});
    expect(readdirSync(cache)).toEqual(['entry']);
  });
});

it('a download is refused unless it is the one that was tried', async () => {
  const path = join(cache, 'download');
  writeFileSync(path, 'abc');
  await verify(path, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  writeFileSync(path, 'abd');
  await expect(
    verify(path, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
  ).rejects.toThrow('it is not what this project was tried with');
});

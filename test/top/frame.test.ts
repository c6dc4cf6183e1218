import { describe, expect, it } from 'vitest';
import { lineOf, metricsOf } from '../../functions/runtime/telemetry/emf.ts';
import { frameOf } from '../../scripts/top/frame.ts';
import { seenIn } from '../../scripts/top/log-lines.ts';
import { coloured, plain } from '../../scripts/top/style.ts';
import type { Picture } from '../../scripts/top/watch.ts';
import { makeWindow } from '../../scripts/top/window.ts';

const nowMs = Date.parse('2026-01-02T03:04:05.000Z');
const metrics = metricsOf({
  dimensions: ['operation'],
  metrics: [{ name: 'durationMs', unit: 'Milliseconds' }],
});
const written = (line: object, atMs = nowMs - 1_000) => lineOf(line, metrics, atMs).trimEnd();
const read = {
  operation: 'get-member',
  lane: 'critical',
  outcome: 'ok',
  outcomeClass: 'ok',
  durationMs: 1.5,
  cacheHit: 1,
  freshness: 'fresh',
};
const report = {
  operation: 'relay-outbox',
  failedDuties: { 'lease c0': 2 },
  roundsFailed: 2,
  rowsRedelivered: 4,
  suspendedParts: ['backup'],
  databases: {
    c0: { outbox: { waiting: 7, oldestMs: 20_000 }, leaseMs: 3_000, lagMs: { 'b-0': 40, 'b-1': null } },
  },
  redis: { 'redis-a-0': { state: 'preparing', grants: [], suspendedFor: ['c0'] } },
  queue: { waiting: 3, underWay: 1, dead: 2 },
};

function pictureOf(...lines: readonly string[]): Picture {
  const [A, B] = [makeWindow(10), makeWindow(10)];
  for (const line of lines) {
    const seen = seenIn(line);
    if (seen) A.add(seen);
  }
  return {
    at: new Date(nowMs).toISOString(),
    seconds: 10,
    centres: { A: A.picture(nowMs), B: B.picture(nowMs) },
  };
}

const busy = pictureOf(
  written(read),
  written({ ...read, outcome: 'unavailable', outcomeClass: 'failed' }),
  written({ operation: 'apply-change', messages: 1, failed: 0, messageAgeMs: [30] }),
  written(report),
);
const text = (columns: number, picture = busy, style = plain) =>
  frameOf(picture, { columns, style }).join('\n');

describe('a frame', () => {
  it('says how each centre is', () => {
    const shown = text(130);
    expect(shown).toMatch(/Centre A .*Centre B/);
    expect(shown).toMatch(/critical read\s+0\.2\s+1\.\d\dms\s+1\.\d\dms\s+100%\s+100%\s+0%\s+0%/);
    expect(shown).toContain('ok 50.0%  refused 0%  failed 50.0%');
    expect(shown).toContain('unavailable 1');
    expect(shown).toMatch(/queue\s+3 waiting {2}1 under way {2}2 dead/);
    expect(shown).toMatch(/their age\s+p50 \d+ms {2}max 30ms/);
    expect(shown).toContain('lease c0 2');
    expect(shown).toContain('c0 7, 20.0s old');
    expect(shown).toContain('b-0 40ms  b-1 ?');
    expect(shown).toContain('preparing  grants 0 of 1  suspended for c0');
    expect(shown).toMatch(/out of use\s+backup/);
    expect(shown).toMatch(/relay\s+no report yet/);
  });

  it.each([20, 40, 80, 122, 124, 200])('fits into %d columns', (columns) => {
    for (const picture of [busy, pictureOf()]) {
      for (const line of frameOf(picture, { columns, style: plain }))
        expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  it('stands one below the other where there is no room', () => {
    expect(text(80)).not.toMatch(/Centre A .*Centre B/);
    expect(text(80)).toContain('Centre B');
  });

  it('is of the same width in colours', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are made of
    const bare = text(130, busy, coloured).replace(/\u001b\[\d+m/g, '');
    expect(bare).toBe(text(130));
    expect(text(130, busy, coloured)).not.toBe(bare);
  });

  it('says on top what is the matter', () => {
    expect(frameOf(busy, { columns: 80, style: plain, notice: 'It does not run any more.' })[1]).toBe(
      'It does not run any more.',
    );
  });
});

describe('a line of the log', () => {
  it.each([
    ['of another kind', 'listening on 4100'],
    ['of telemetry, cut off', written(read).slice(0, -9)],
    ['of a health check', written({ ...read, operation: 'health' })],
    ['of a relay that failed', written({ operation: 'relay-outbox', relaysFailed: 1 })],
  ])('%s is not shown', (_, line) => {
    expect(seenIn(line)).toBeNull();
  });

  it('of a write is known by the route table', () => {
    expect(seenIn(written({ ...read, operation: 'bind-identifier' }))).toMatchObject({ kind: 'write' });
  });
});

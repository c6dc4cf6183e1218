/** Three faults in the way of a copy of its own: what must never happen does not, whatever a busy machine does to the rest. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Drilled } from '../../scripts/drill/judgement/judge-drill.ts';
import { readHistory } from '../../scripts/judge/history.ts';
import { judge } from '../../scripts/judge/judge.ts';
import { ownPlace } from '../own-place.ts';
import { runScript } from './copy.ts';

/** Two minutes, on a machine that does nothing else. */
const drillWithinMs = 290_000;
const faults = ['kill-search', 'empty-redis', 'stall-writer'];

test(
  'a search cluster dies, a Redis comes back empty, the writer stalls: nothing is lost, stale or doubled',
  async () => {
    const { basePort, directory } = ownPlace('drill', 5560);
    const output = mkdtempSync(join(tmpdir(), 'membership-drill-'));
    const report = join(output, 'report');
    const history = join(output, 'history.jsonl');
    try {
      const { output: said } = await runScript(
        'scripts/drill.ts',
        [
          ...faults.flatMap((name) => ['--only', name]),
          ...['--members', '500', '--rate', '20', '--report', report, '--history', history],
        ],
        { MEMBERSHIP_HOME: directory, MEMBERSHIP_BASE_PORT: String(basePort) },
        drillWithinMs,
      );
      const drilled = JSON.parse(readFileSync(`${report}.json`, 'utf8')) as Drilled;
      expect(drilled, said).toMatchObject({
        lostAcknowledged: 0,
        silentStale: 0,
        twoOwners: 0,
        divergedSinks: 0,
        otherFaults: 0,
        observerMisses: 0,
        undecided: 0,
      });
      expect(drilled.scenarios.map(({ name }) => name)).toEqual(faults);
      for (const { name, criticalReads, criticalWrites } of drilled.scenarios) {
        expect(criticalReads.client.asked, name).toBeGreaterThan(100);
        expect(criticalReads.client.share, `${name}\n${said}`).toBeGreaterThan(0.5);
        expect(criticalWrites.client.asked, name).toBeGreaterThan(0);
      }
      expect(drilled.convergedSeconds, said).not.toBeNull();

      // What anybody can judge again.
      const entries = readHistory(history);
      expect(entries.length).toBeGreaterThan(drilled.requests);
      expect(judge(entries, { isFromEmpty: true }).faults).toEqual([]);
      const page = readFileSync(`${report}.html`, 'utf8');
      for (const name of faults) expect(page).toContain(name);
      expect(page).not.toMatch(/<script|https?:\/\//);
    } finally {
      rmSync(output, { recursive: true, force: true });
      rmSync(directory, { recursive: true, force: true });
    }
  },
  drillWithinMs + 10_000,
);

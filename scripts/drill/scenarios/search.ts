import type { Scenario, Stage } from '../scenario.ts';
import { killed, stalled } from './engine.ts';

const blocked = 'index.blocks.read_only_allow_delete';
const callWithinMs = 5_000;

/** What OpenSearch does by itself when its disk is full. Null takes it away. */
async function block({ engines }: Stage, value: true | null): Promise<void> {
  const answer = await fetch(`${engines.endpoints['search-backup']}/_all/_settings`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ [blocked]: value }),
    signal: AbortSignal.timeout(callWithinMs),
  });
  if (!answer.ok) throw new Error(`the index cannot be blocked: ${await answer.text()}`);
}

export const searchScenarios: readonly Scenario[] = [
  killed('search-primary', {
    name: 'kill-search',
    fault: 'kill -9 of search cluster primary, back after 10 s',
    promises: 'reads go to backup within the request; primary is read again once it has what it missed',
    switches: 'search',
    source: 'search:primary',
  }),
  stalled('search-primary', {
    name: 'stall-search',
    fault: 'search cluster primary stopped (SIGSTOP) for 10 s',
    promises: 'a request waits for its share of time and goes on; soon nobody waits any more',
    switches: 'search',
    source: 'search:primary',
  }),
  {
    name: 'slow-search',
    fault: 'search cluster primary answers 600 ms late',
    promises: 'slow counts as away',
    of: 'engine',
    switches: 'search',
    source: 'search:primary',
    seconds: 10,
    begin: ({ network }) => network.set({ to: ['search-primary'] }, { kind: 'latency', ms: 300 }),
    end: ({ network }) => network.clear(),
  },
  {
    name: 'full-disk',
    fault: 'the indexes of search cluster backup take no writes, as on a full disk',
    promises: 'writes are acknowledged; the cluster gets what it missed when it takes writes again',
    of: 'engine',
    seconds: 10,
    begin: (stage) => block(stage, true),
    end: (stage) => block(stage, null),
  },
];

import type { Scenario } from '../scenario.ts';
import { killed, restarted, stalled } from './engine.ts';

export const cacheScenarios: readonly Scenario[] = [
  killed('redis-a-0', {
    name: 'kill-redis',
    fault: 'kill -9 of one of the two Redis of A, back (empty) after 10 s',
    promises: 'its keys are read from the sources; a write waits for its grant once, and never again',
    switches: 'cache',
  }),
  restarted('redis-b-0', {
    name: 'empty-redis',
    fault: 'a Redis of B restarts empty',
    promises: 'it lost its fences, so it serves nothing before it is made ready',
    switches: 'cache',
  }),
  stalled('redis-a-1', {
    name: 'stall-redis',
    fault: 'a Redis of A stopped (SIGSTOP) for 10 s',
    promises: 'what it held before is not served when it goes on',
    switches: 'cache',
  }),
  {
    name: 'cache-centre',
    fault: 'both Redis of A cannot be reached by anybody (blackhole)',
    promises: 'A serves from its sources, B from its own Redis; writes are held up for a grant at most',
    of: 'network',
    seconds: 10,
    begin: ({ network }) =>
      network.set({ to: ['redis-a-0', 'redis-a-1'] }, { kind: 'blackhole', of: 'both' }),
    end: ({ network }) => network.clear(),
  },
  {
    name: 'reset-redis',
    fault: 'every connection to a Redis of B is reset',
    promises: 'as if it were away: nothing is believed that cannot be read',
    of: 'network',
    switches: 'cache',
    seconds: 8,
    begin: ({ network }) => network.set({ to: ['redis-b-1'] }, { kind: 'reset' }),
    end: ({ network }) => network.clear(),
  },
];

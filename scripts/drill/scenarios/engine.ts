/** Faults of one engine's process, as they are done to any of them. */
import type { PartName } from '../../local/ports.ts';
import type { Scenario } from '../scenario.ts';

type About = Pick<Scenario, 'name' | 'fault' | 'promises'> &
  Partial<Pick<Scenario, 'switches' | 'source' | 'stopsWrites' | 'seconds'>>;

/** `kill -9`, and started again at the end. */
export const killed = (part: PartName, about: About): Scenario => ({
  of: 'engine',
  seconds: 10,
  ...about,
  begin: ({ engines }) => engines.engine(part).kill(),
  end: ({ engines }) => engines.engine(part).start(),
});

/** `kill -9`, and started again at once: what it kept only in memory is gone. */
export const restarted = (part: PartName, about: About): Scenario => ({
  of: 'engine',
  seconds: 8,
  ...about,
  async begin({ engines }) {
    await engines.engine(part).kill();
    await engines.engine(part).start();
  },
  end: async () => {},
});

/** SIGSTOP and SIGCONT: connections stand and nothing answers. */
export const stalled = (part: PartName, about: About): Scenario => ({
  of: 'engine',
  seconds: 10,
  ...about,
  begin: ({ engines }) => engines.engine(part).stall(),
  end: ({ engines }) => engines.engine(part).resume(),
});

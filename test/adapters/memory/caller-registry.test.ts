import { makeMemoryCallerRegistry } from '../../../functions/adapters/memory/caller-registry.ts';
import { callerRegistryContract, sampleCallers } from '../contract/caller-registry.ts';
import { wallClock } from '../wall-clock.ts';

callerRegistryContract('memory', async () => ({
  registry: makeMemoryCallerRegistry({ name: 'parameters-a', callers: sampleCallers }),
  clock: wallClock,
  end: async () => {},
}));

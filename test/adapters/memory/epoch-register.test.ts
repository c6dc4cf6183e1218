import { makeMemoryEpochRegister } from '../../../functions/adapters/memory/epoch-register.ts';
import { makeMemoryRegister } from '../../../functions/adapters/memory/memory-journal.ts';
import { epochRegisterContract } from '../contract/epoch-register.ts';
import { makeHandClock } from '../wall-clock.ts';

epochRegisterContract('memory', async (initial) => ({
  register: makeMemoryEpochRegister({ name: 'register-b', state: makeMemoryRegister(initial) }),
  clock: makeHandClock(),
  end: async () => {},
}));

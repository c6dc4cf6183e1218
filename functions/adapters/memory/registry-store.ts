import type { RegistryStore } from '../../core/caller/ports.ts';
import { joinedAll, type Registration } from '../../core/caller/registration.ts';
import { noTurn, type Turn, taking } from './turn.ts';

/** A centre's registry: null while nobody was ever registered. */
export interface MemoryRegistryState {
  registrations: readonly Registration[] | null;
}

export function makeMemoryRegistryStore(options: {
  readonly name: string;
  readonly state: MemoryRegistryState;
  readonly turn?: Turn;
}): RegistryStore {
  const { name, state, turn = noTurn } = options;
  return {
    name,
    read: () => taking(turn, name, () => state.registrations),
    join: (registrations) =>
      taking(turn, name, () => {
        state.registrations = joinedAll(state.registrations ?? [], registrations);
      }),
  };
}

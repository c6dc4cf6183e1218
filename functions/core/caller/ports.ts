import type { Deadline } from '../kernel/clock.ts';
import type { Caller } from './caller.ts';
import type { Registration } from './registration.ts';

/** The registry of callers, as requests are admitted by it. */
export interface CallerRegistry {
  /** The caller that has a live key with this hash, or null. */
  byKeyHash(keyHash: string, deadline: Deadline): Promise<Caller | null>;
}

/** The durable registry of one centre. */
export interface RegistryStore {
  readonly name: string;
  /** Every caller, read anew; null when nobody was ever registered here. */
  read(deadline: Deadline): Promise<readonly Registration[] | null>;
  /**
   * Joins these with what stands. Each caller's change stands or falls by itself; nothing that somebody else wrote
   * meanwhile is lost.
   * @throws RegistryFull when there is no room: nothing of what does not fit is written
   */
  join(registrations: readonly Registration[], deadline: Deadline): Promise<void>;
}

/** There is no room for one more caller. */
export class RegistryFull extends Error {
  readonly code = 'registry-full';
}

/** The registry as a Redis has it: what was read from the centre's durable one, and how long ago. */
export interface RegistryCopy {
  readonly text: string;
  readonly ageMs: number;
}

/** What each Redis of a centre keeps of callers. Throws `DependencyUnavailable` when it does not answer in time. */
export interface CallerCopies {
  readonly name: string;

  /** Hashes of keys that are refused whatever the registry says: they stand in the state that every read brings along. */
  revoked(deadline: Deadline): Promise<readonly string[]>;
  /** (script) Adds to them. Repeating changes nothing. Fails as a whole when there would be too many. */
  revoke(keyHashes: readonly string[], deadline: Deadline): Promise<void>;
  /** (script) Takes from them what the centre's registry refuses by itself, and long enough. */
  forgetRevoked(keyHashes: readonly string[], deadline: Deadline): Promise<void>;

  /** Puts the centre's registry, as just read. */
  putRegistry(text: string, deadline: Deadline): Promise<void>;
  registry(deadline: Deadline): Promise<RegistryCopy | null>;
}

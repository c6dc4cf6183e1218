import type { Caller } from '../../core/caller/caller.ts';
import type { CallerCopies, CallerRegistry, RegistryCopy } from '../../core/caller/ports.ts';
import { callerOf, joinedAll, type Registration } from '../../core/caller/registration.ts';
import {
  registryCopyYoungMs,
  registryKeepMs,
  registryRememberMs,
  shareMs,
} from '../../core/failover/durations.ts';
import { type Deadline, within } from '../../core/kernel/clock.ts';
import { DependencyUnavailable, orNull } from '../../core/kernel/invariant.ts';
import type { ParameterOptions } from './parameters.ts';
import { makeRegistryStore } from './registry-store.ts';
import { parseRegistry } from './registry-text.ts';
import { type RememberOptions, remembered } from './remembered.ts';

type CallersByKey = ReadonlyMap<string, Caller>;

function byKeyHash(registrations: readonly Registration[]): CallersByKey {
  const byHash = new Map<string, Caller>();
  for (const caller of registrations.map(callerOf)) {
    for (const hash of caller.keyHashes) if (!byHash.has(hash)) byHash.set(hash, caller);
  }
  return byHash;
}

/**
 * The registry of callers, read as a whole, so that an unknown key costs no more than a known one. It is read from the
 * copy that the relay keeps in Redis, which costs a round trip and no SDK; from the durable registry when the copy is
 * not young; and from an old copy when there is nothing better. A key is revoked sooner by way of the centre's state.
 */
export function makeCallerRegistry(
  options: ParameterOptions &
    RememberOptions & {
      /** The centre's Redis clusters: any of them has a copy. */
      readonly copies?: readonly Pick<CallerCopies, 'registry'>[];
    },
): CallerRegistry {
  const { copies = [], clock, name } = options;
  const store = makeRegistryStore(options);
  let last: { readonly text: string; readonly callers: CallersByKey } | undefined;

  const parsed = (copy: RegistryCopy | null): CallersByKey | null => {
    if (copy === null) return null;
    if (last?.text === copy.text) return last.callers;
    try {
      last = { text: copy.text, callers: byKeyHash(joinedAll(parseRegistry(copy.text))) };
      return last.callers;
    } catch {
      // Of another day, or damaged: as if there were none.
      return null;
    }
  };

  const read = async (deadline: Deadline): Promise<CallersByKey> => {
    const copy = await anyCopy(deadline);
    const copied = parsed(copy);
    if (copy !== null && copied !== null && copy.ageMs <= registryCopyYoungMs) return copied;
    const share = copied === null ? deadline : within(clock, deadline, shareMs.registry);
    const durable = store.read(share);
    const registrations = copied === null ? await durable : await orNull(durable);
    if (registrations !== null) return byKeyHash(registrations);
    if (copied !== null) return copied;
    throw new DependencyUnavailable(name, new Error('nobody is registered'));
  };

  async function anyCopy(deadline: Deadline): Promise<RegistryCopy | null> {
    for (const each of copies) {
      const copy = await orNull(each.registry(within(clock, deadline, shareMs.cache)));
      if (copy !== null) return copy;
    }
    return null;
  }

  const callers = remembered(read, {
    clock,
    rememberMs: options.rememberMs ?? registryRememberMs,
    keepMs: options.keepMs ?? registryKeepMs,
  });
  return { byKeyHash: async (keyHash, deadline) => (await callers(deadline)).get(keyHash) ?? null };
}

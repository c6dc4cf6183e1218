import type { Caller } from '../../core/caller/caller.ts';
import type { CallerRegistry } from '../../core/caller/ports.ts';
import { noTurn, type Turn, taking } from './turn.ts';

export function makeMemoryCallerRegistry(options: {
  readonly name: string;
  readonly callers: readonly Caller[];
  readonly turn?: Turn;
}): CallerRegistry {
  const { name, callers, turn = noTurn } = options;
  return {
    byKeyHash: (keyHash) =>
      taking(turn, name, () => callers.find((caller) => caller.keyHashes.includes(keyHash)) ?? null),
  };
}

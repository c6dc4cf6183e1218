/** A rule of the system was found broken. Never an expected outcome: nothing may catch it and go on. */
export class InvariantBroken extends Error {
  readonly code = 'invariant-broken';
}

/** Throws {@link InvariantBroken} with `message` unless `condition` holds. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantBroken(message);
}

/**
 * A part this process depends on did not answer, answered too late, or answered with its own fault. What it was
 * asked to do may or may not have happened.
 */
export class DependencyUnavailable extends Error {
  readonly code = 'dependency-unavailable';
  /** Which part, by its name in the configuration: `redis-b-0`, `search-primary`, `database c0`. */
  readonly part: string;

  constructor(part: string, cause: unknown) {
    super(`${part} did not answer`, { cause });
    this.part = part;
  }
}

/** The answer, or null when the dependency did not give one. */
export async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof DependencyUnavailable) return null;
    throw error;
  }
}

/** Whether the dependency did what it was asked to. */
export async function reached(done: Promise<void>): Promise<boolean> {
  return (await orNull(done.then(() => true))) ?? false;
}

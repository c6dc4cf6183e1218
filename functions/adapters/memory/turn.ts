/**
 * Where a simulation takes over. Adapters in memory await it before and after the one synchronous step of each call:
 * rejecting `before` loses the request, rejecting `after` loses the answer. `between` comes where an engine has done
 * something and is not through with the call: a commit stands, and whether its lease to write still does is looked at next;
 * a fence is set, and its replica does not have it yet.
 */
export type Turn = (moment: 'before' | 'between' | 'after', part: string) => Promise<void>;

/** No simulation: every step follows at once. */
export const noTurn: Turn = async () => {};

export async function taking<T>(turn: Turn, part: string, step: () => T): Promise<T> {
  await turn('before', part);
  const result = step();
  await turn('after', part);
  return result;
}

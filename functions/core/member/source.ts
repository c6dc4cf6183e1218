/** A source by its answers to several questions at once: one question is the case of one. */
import { DependencyUnavailable } from '../kernel/invariant.ts';
import type { MemberSource, Told } from './ports.ts';

export function sourceOf({
  name,
  members,
  identifiers,
}: Pick<MemberSource, 'name' | 'members' | 'identifiers'>): MemberSource {
  return {
    name,
    members,
    identifiers,
    member: async (memberId, deadline) => only(await members([memberId], deadline)),
    identifier: async (key, deadline) => only(await identifiers([key], deadline)),
  };
}

function only<T>([told = null]: readonly Told<T>[]): T | null {
  if (told instanceof DependencyUnavailable) throw told;
  return told;
}

/**
 * Tells of several things that lie at several servers, each asked once for all of its own and all at once. A server
 * that does not answer leaves its own untold.
 */
export async function toldByPlace<Thing extends string, T>(
  things: readonly Thing[],
  placeOf: (thing: Thing) => string,
  ask: (place: string, its: readonly Thing[]) => Promise<readonly Told<T>[]>,
): Promise<readonly Told<T>[]> {
  const places = new Map<string, Thing[]>();
  for (const thing of things) {
    const place = placeOf(thing);
    const its = places.get(place);
    if (its) its.push(thing);
    else places.set(place, [thing]);
  }
  const told = new Map<Thing, Told<T>>();
  const askOne = async (place: string, its: readonly Thing[]): Promise<void> => {
    const answers = await toldAtAll(its.length, () => ask(place, its));
    for (const [index, thing] of its.entries()) told.set(thing, answers[index] ?? null);
  };
  await Promise.all([...places].map(([place, its]) => askOne(place, its)));
  return things.map((thing) => told.get(thing) ?? null);
}

/** What was told; when the whole did not answer, that of each. */
export async function toldAtAll<T>(
  count: number,
  ask: () => Promise<readonly Told<T>[]>,
): Promise<readonly Told<T>[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof DependencyUnavailable) return Array.from({ length: count }, () => error);
    throw error;
  }
}

/** Callers of one cold key, all at one moment. See `races.ts`. */
import { setTimeout as pause } from 'node:timers/promises';
import { deadlineAfter } from '../../functions/core/kernel/clock.ts';
import { serve } from './child.ts';
import { type Library, libraryNames, openLibrary } from './libraries.ts';
import { storedAt } from './races.ts';
import { openReader } from './reader.ts';

export interface StampedeTask {
  readonly name: string;
  readonly redisUrl: string;
  readonly key: string;
  readonly callers: number;
  readonly loadMs: number;
  readonly startAtMs: number;
}

const readMs = 2_000;

/** Kept from task to task: connections are made before it counts. */
let read: ((key: string, load: () => Promise<unknown>) => Promise<unknown>) | undefined;

serve(async ({ name, redisUrl, key, callers, loadMs, startAtMs }: StampedeTask) => {
  read ??= open(name, redisUrl);
  const once = read;
  let loads = 0;
  const load = async (): Promise<number> => {
    loads++;
    await pause(loadMs);
    return 1;
  };
  await pause(Math.max(0, startAtMs - Date.now()));
  await Promise.all(Array.from({ length: callers }, () => once(key, load)));
  return { loads };
});

function open(name: string, redisUrl: string): NonNullable<typeof read> {
  const library = libraryNames.find((one): one is Library['name'] => one === name);
  if (library) {
    const opened = openLibrary(library, redisUrl);
    return (key, load) => opened.getOrLoad(key, load);
  }
  let load: () => Promise<unknown> = async () => null;
  const { reader, clock } = openReader(redisUrl, async (memberId) => {
    await load();
    return storedAt(memberId, 1);
  });
  return (key, wanted) => {
    load = wanted;
    return reader.member(key, deadlineAfter(clock, readMs));
  };
}

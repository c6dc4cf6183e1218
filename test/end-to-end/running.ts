import type { Status } from './copy.ts';

/** The copy that `global-setup.ts` started for all end-to-end tests. */
export interface RunningCopy {
  readonly home: string;
  readonly basePort: number;
  readonly status: Status;
}

export function runningCopy(): RunningCopy {
  const text = process.env.MEMBERSHIP_TEST_COPY;
  if (text === undefined) throw new Error('MEMBERSHIP_TEST_COPY is not set: these tests run by `npm test`');
  return JSON.parse(text) as RunningCopy;
}

/** Everywhere that callers of the critical lane may ask. */
export function everywhere({ status }: RunningCopy): Readonly<Record<'frontDoor' | 'A' | 'B', string>> {
  return { frontDoor: status.frontDoor, A: status.centres.A.url, B: status.centres.B.url };
}

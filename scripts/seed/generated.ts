/** The source of a run without a file: made-up people, by their number. */
import { makePeople, peopleVersion } from '../people/people.ts';
import type { RequestOf } from './request.ts';
import type { Item } from './run.ts';

export function* generated(
  { members, seed }: { readonly members: number; readonly seed: number },
  platforms: readonly string[],
  requestOf: RequestOf,
): Generator<Item> {
  const personAt = makePeople(seed, platforms);
  const run = `people-${peopleVersion}-${seed}`;
  for (let index = 0; index < members; index++) {
    const input = personAt(index);
    const request = requestOf(run, index + 1, input);
    const done = (index + 1) / members;
    yield { line: index + 1, done, entry: { input, request }, pathOf: (field) => `/${field}` };
  }
}

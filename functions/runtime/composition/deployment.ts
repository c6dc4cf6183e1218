/** What CloudFormation calls while it deploys, wired. */
import * as z from 'zod/mini';
import { copyParameters } from '../../adapters/parameters/copy-parameters.ts';
import { makeSystemClock } from '../../adapters/system/system-clock.ts';
import { deadlineAfter } from '../../core/kernel/clock.ts';
import type { ResourceChange } from '../custom-resource.ts';

const text = z.string().check(z.minLength(1));

/** Within the function's time: see the infrastructure's constructs. */
const copyWithinMs = 90_000;

const copies = z.object({ regions: z.array(text), parameters: z.record(text, text) });
export const parseCopies = (properties: unknown) => copies.parse(properties);

export async function keepCopies(change: ResourceChange<z.output<typeof copies>>): Promise<void> {
  const clock = makeSystemClock();
  const { regions, parameters } = change.properties;
  const former = change.kind === 'removed' ? null : change.former;
  const wanted = change.kind === 'removed' ? {} : parameters;
  const known = { ...parameters, ...former?.parameters };
  const unwanted = Object.keys(known).filter((name) => wanted[name] === undefined);
  await Promise.all(
    regions.map((region) =>
      copyParameters({
        name: `parameters in ${region}`,
        region,
        clock,
        wanted,
        unwanted,
        deadline: deadlineAfter(clock, copyWithinMs),
      }),
    ),
  );
}

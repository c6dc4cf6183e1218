import type { Deadline } from '../../core/kernel/clock.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSsmClient } from './client.ts';

/** As many as one call takes. */
const namesACall = 10;

/** Makes a region's parameters what is wanted, and deletes those of `unwanted` that are there. Repeatable. */
export async function copyParameters(
  options: AwsConnection & {
    readonly wanted: Readonly<Record<string, string>>;
    readonly unwanted: readonly string[];
    readonly deadline: Deadline;
  },
): Promise<void> {
  const { wanted, unwanted, deadline } = options;
  const call = makeSsmClient(options);
  // One after the other: the store takes few writes a second.
  for (const [Name, Value] of Object.entries(wanted)) {
    const input = { Name, Value, Type: 'String', Overwrite: true } as const;
    await call(deadline, (client, { PutParameterCommand }, abort) =>
      client.send(new PutParameterCommand(input), abort),
    );
  }
  for (let first = 0; first < unwanted.length; first += namesACall) {
    const Names = unwanted.slice(first, first + namesACall);
    await call(deadline, (client, { DeleteParametersCommand }, abort) =>
      client.send(new DeleteParametersCommand({ Names }), abort),
    );
  }
}

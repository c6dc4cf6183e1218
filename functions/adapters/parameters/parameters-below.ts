import type { Deadline } from '../../core/kernel/clock.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSsmClient } from './client.ts';

/** More than any stage publishes below one path. */
const pagesMax = 50;

/** Every parameter below a path, by its full name. */
export async function readParametersBelow(
  options: AwsConnection & { readonly path: string; readonly deadline: Deadline },
): Promise<Readonly<Record<string, string>>> {
  const call = makeSsmClient(options);
  return call(options.deadline, async (client, { GetParametersByPathCommand }, abort) => {
    const found: Record<string, string> = {};
    let from: string | undefined;
    for (let page = 0; page < pagesMax; page++) {
      const wanted = { Path: options.path, Recursive: true, ...(from !== undefined && { NextToken: from }) };
      const { Parameters = [], NextToken } = await client.send(new GetParametersByPathCommand(wanted), abort);
      for (const { Name = '', Value = '' } of Parameters) found[Name] = Value;
      from = NextToken;
      if (from === undefined) return found;
    }
    throw new Error(`more than ${pagesMax} pages of parameters below ${options.path}`);
  });
}

import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import type { AwsConnection } from '../aws/calls.ts';
import { makeSsmClient } from './client.ts';

/** A parameter is there but cannot be used. */
export class ParameterInvalid extends Error {
  readonly code = 'parameter-invalid';
}

/** @throws ParameterInvalid that says which parameter could not be parsed, and why */
export function parsedParameter<Value>(name: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new ParameterInvalid(`${name}: ${said}`, { cause: error });
  }
}

/** A text parameter of the centre's store. */
export interface Parameter {
  /** @throws DependencyUnavailable, with what it is about as its cause: no answer, no such parameter, or one that is invalid */
  read<Value>(parse: (text: string) => Value, deadline: Deadline): Promise<Value>;
  /** Null when there is no such parameter yet. */
  find<Value>(parse: (text: string) => Value, deadline: Deadline): Promise<Value | null>;
  /** The text as the store numbers it: the newest, or that of a number. */
  numbered<Value>(
    parse: (text: string) => Value,
    number: number | null,
    deadline: Deadline,
  ): Promise<{ readonly value: Value; readonly number: number } | null>;
  /** @returns the number that it has now: one more than the text that it replaced */
  write(text: string, deadline: Deadline): Promise<number>;
}

export interface ParameterOptions extends AwsConnection {
  /** The parameter's full name, such as `/membership/A/topology`. */
  readonly parameterName: string;
  /** What every call goes through, where somebody measures them. */
  readonly through?: <Port extends object>(port: Port) => Port;
}

export function makeParameter(options: ParameterOptions): Parameter {
  const { parameterName: Name, through = (port) => port } = options;
  const call = makeSsmClient(options);

  const numbered: Parameter['numbered'] = (parse, number, deadline) =>
    call(deadline, async (client, { GetParameterCommand }, abort) => {
      const input = { Name: number === null ? Name : `${Name}:${number}`, WithDecryption: true };
      try {
        const { Value = '', Version = 0 } =
          (await client.send(new GetParameterCommand(input), abort)).Parameter ?? {};
        return { value: parsedParameter(Name, () => parse(Value)), number: Version };
      } catch (error) {
        if (error instanceof Error && error.name === 'ParameterNotFound') return null;
        throw error;
      }
    });
  const find: Parameter['find'] = async (parse, deadline) =>
    (await numbered(parse, null, deadline))?.value ?? null;

  return through({
    find,
    numbered,
    read: (parse, deadline) =>
      find((text) => ({ value: parse(text) }), deadline).then((found) => {
        if (found === null)
          throw new DependencyUnavailable(options.name, new ParameterInvalid(`${Name}: is not there`));
        return found.value;
      }),
    async write(text, deadline) {
      // Standard parameters hold 4 KiB, advanced ones 8 KiB: a store that needs the larger kind takes it by itself.
      const input = {
        Name,
        Value: text,
        Type: 'String',
        Tier: 'Intelligent-Tiering',
        Overwrite: true,
      } as const;
      return call(deadline, async (client, { PutParameterCommand }, abort) => {
        return (await client.send(new PutParameterCommand(input), abort)).Version ?? 0;
      });
    },
  });
}

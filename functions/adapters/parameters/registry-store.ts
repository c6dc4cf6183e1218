/**
 * The durable registry of a centre: parameters `PREFIX/00` to `PREFIX/39`, each with some of the callers. A parameter
 * holds 8 KiB, which is about 20 callers; all of them are read by four calls at once. Every parameter is valid by
 * itself, so that a change of one caller is one write, and no reader ever sees half of it.
 */
import { RegistryFull, type RegistryStore } from '../../core/caller/ports.ts';
import { isSame, joinedAll, type Registration } from '../../core/caller/registration.ts';
import { registryText } from '../../core/caller/registry-text.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { DependencyUnavailable, invariant } from '../../core/kernel/invariant.ts';
import { makeSsmClient } from './client.ts';
import { type ParameterOptions, parsedParameter } from './parameters.ts';
import { faultsOfRegistration, parseRegistry } from './registry-text.ts';

/** Of an advanced parameter. */
export const parameterBytesMax = 8 * 1024;
const parametersMax = 40;
/** What one call may name. */
const namesMax = 10;
/** How often others may write the same parameter at the very same time. */
const attemptsMax = 50;

interface Part {
  readonly name: string;
  /** 0 while there is none. */
  readonly version: number;
  readonly callers: readonly Registration[];
}

/** @param options `parameterName` is the prefix */
export function makeRegistryStore(options: ParameterOptions): RegistryStore {
  const { through = (port) => port } = options;
  const call = makeSsmClient(options);
  const names = Array.from(
    { length: parametersMax },
    (_, index) => `${options.parameterName}/${String(index).padStart(2, '0')}`,
  );

  const get = async (wanted: readonly string[], deadline: Deadline): Promise<readonly Part[]> =>
    call(deadline, async (client, { GetParametersCommand }, abort) => {
      const command = new GetParametersCommand({ Names: [...wanted], WithDecryption: true });
      const { Parameters = [] } = await client.send(command, abort);
      return Parameters.map(({ Name = '', Value = '', Version = 0 }) => ({
        name: Name,
        version: Version,
        callers: parsedParameter(Name, () => parseRegistry(Value)),
      }));
    });

  const parts = async (deadline: Deadline): Promise<readonly Part[]> => {
    const pages = Array.from({ length: parametersMax / namesMax }, (_, page) =>
      get(names.slice(page * namesMax, (page + 1) * namesMax), deadline),
    );
    return (await Promise.all(pages)).flat();
  };

  /** @returns the version that it has now */
  const put = (name: string, text: string, deadline: Deadline): Promise<number> =>
    call(deadline, async (client, { PutParameterCommand }, abort) => {
      const input = {
        Name: name,
        Value: text,
        Type: 'String',
        Tier: 'Intelligent-Tiering',
        Overwrite: true,
      } as const;
      return (await client.send(new PutParameterCommand(input), abort)).Version ?? 0;
    });

  /**
   * The store has no compare-and-set, but it tells versions: whoever finds that he overwrote something unseen reads it
   * back, and is done when what stands holds that and his own too.
   */
  const write = async (part: Part, added: readonly Registration[], deadline: Deadline): Promise<void> => {
    let seen = part.version;
    let callers = joinedAll(part.callers, added);
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const written = await put(part.name, textOf(callers), deadline);
      if (written <= seen + 1) return;
      const [overwritten] = await get([`${part.name}:${written - 1}`], deadline);
      const [standing] = await get([part.name], deadline);
      const wanted = joinedAll(callers, overwritten?.callers ?? []);
      callers = joinedAll(standing?.callers ?? [], wanted);
      if (standing && registryText(callers) === registryText(standing.callers)) return;
      seen = standing?.version ?? written;
    }
    throw new DependencyUnavailable(options.name, new Error('others keep changing the registry'));
  };

  return through<RegistryStore>({
    name: options.name,

    async read(deadline) {
      const found = await parts(deadline);
      return found.length === 0 ? null : joinedAll(...found.map(({ callers }) => callers));
    },

    async join(registrations, deadline) {
      for (const each of registrations) {
        const faults = faultsOfRegistration(each);
        invariant(faults.length === 0, `a registration is not valid: ${faults.join('; ')}`);
      }
      const found = new Map((await parts(deadline)).map((part) => [part.name, part]));
      const all = names.map((name): Part => found.get(name) ?? { name, version: 0, callers: [] });
      for (const [part, added] of placed(all, registrations)) await write(part, added, deadline);
    },
  });
}

/** Each caller to where it stands, or else to where there is most room. What changes nothing is left out. */
function placed(all: readonly Part[], registrations: readonly Registration[]) {
  const planned = new Map<Part, Registration[]>();
  const bytes = new Map(all.map((part) => [part, bytesOf(part.callers)]));
  const roomiest = (): Part => {
    const least = Math.min(...bytes.values());
    return all.find((part) => bytes.get(part) === least) as Part;
  };
  for (const each of registrations) {
    const standing = all.find(({ callers }) => callers.some(({ name }) => name === each.name));
    const known = standing?.callers.find(({ name }) => name === each.name);
    if (known && isSame(joinedAll([known], [each])[0], known)) continue;
    const part = standing ?? roomiest();
    const plan = [...(planned.get(part) ?? []), each];
    const bytesThen = bytesOf(joinedAll(part.callers, plan));
    if (bytesThen > parameterBytesMax) throw new RegistryFull(`there is no room for ${each.name}`);
    planned.set(part, plan);
    bytes.set(part, bytesThen);
  }
  return planned;
}

const bytesOf = (callers: readonly Registration[]): number => Buffer.byteLength(registryText(callers));

function textOf(callers: readonly Registration[]): string {
  const text = registryText(callers);
  if (Buffer.byteLength(text) > parameterBytesMax) throw new RegistryFull('a parameter has no more room');
  return text;
}

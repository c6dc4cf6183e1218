import { LocalFailure } from './failure.ts';
import { type EngineKind, PART_NAMES, PARTS, type PartName, portOf, REPLICA_NAMES } from './ports.ts';

const PROTOCOLS: Record<EngineKind, string[]> = {
  mariadb: ['mysql:'],
  redis: ['redis:'],
  opensearch: ['http:', 'https:'],
  ministack: ['http:', 'https:'],
};

/** The name of the environment's variable that gives a part's address: `MEMBERSHIP_ENDPOINT_MYSQL_A`. */
export function endpointVariable(part: PartName): string {
  return `MEMBERSHIP_ENDPOINT_${part.toUpperCase().replaceAll('-', '_')}`;
}

/** Where a part listens that is started here, without credentials. */
export function localEndpoint(part: PartName, basePort: number): string {
  const [protocol = ''] = PROTOCOLS[PARTS[part].kind];
  return `${protocol}//127.0.0.1:${portOf(part, basePort)}`;
}

/**
 * The parts that the environment brings along, with their addresses: used as they are and never started or stopped.
 * Who brings a writer brings its replicas too; without addresses of their own, the writer is read in their place.
 */
export function givenEndpoints(environment: NodeJS.ProcessEnv): Partial<Record<PartName, string>> {
  const given: Partial<Record<PartName, string>> = {};
  for (const part of PART_NAMES) {
    const value = environment[endpointVariable(part)];
    if (value) given[part] = checkEndpoint(part, value);
  }
  const writer = given['mysql-a'];
  if (writer) for (const replica of REPLICA_NAMES) given[replica] ??= writer;
  return given;
}

function checkEndpoint(part: PartName, value: string): string {
  const protocols = PROTOCOLS[PARTS[part].kind];
  if (URL.canParse(value)) {
    const { protocol, hostname } = new URL(value);
    if (protocols.includes(protocol) && hostname !== '') return value.replace(/\/$/, '');
  }
  // Not the value itself: it may hold a password.
  throw new LocalFailure(
    `${endpointVariable(part)} must be an address such as ${protocols[0]}//HOST:PORT, and is something else.`,
  );
}

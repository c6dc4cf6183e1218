/**
 * What stands under a name that is known beforehand. Stacks find each other's parts by these, never by references, so
 * that none is locked by who uses it.
 */
import type { Lane } from '../functions/core/caller/caller.ts';
import type { CentreName } from '../functions/core/propagation/event.ts';
import type { PlaceName, StageSettings } from './centre.ts';
import type { DomainSettings } from './function-settings.ts';

type Named = Pick<StageSettings, 'stage'>;

/** `membership-production-database-a` */
export const stackName = ({ stage }: Named, part: string, place: PlaceName): string =>
  `membership-${stage}-${part}-${place.toLowerCase()}`;

/**
 * Where what `place` publishes stands, in its own region and in those of the other places. `name` is such as
 * `database/c0/writer`; each place's stacks say what they publish.
 */
export const parameterName = ({ stage }: Named, place: PlaceName, name: string): string =>
  `/membership/${stage}/${place}/${name}`;

/** The key that encrypts everything at rest in a place: the same alias in each region. */
export const keyAlias = ({ stage }: Named): string => `alias/membership-${stage}`;

export const secretNames = [
  'database-admin',
  'database-1',
  'database-2',
  'database',
  'cache',
  'search-admin',
  'search',
  'keyring',
  'observer',
] as const;
export type SecretName = (typeof secretNames)[number];

/** Secrets stand in A, with a replica of the same name in B. */
export const secretName = ({ stage }: Named, name: SecretName): string => `membership/${stage}/${name}`;

/** The witness's table, in its own region. */
export const witnessTable = ({ stage }: Named): string => `membership-${stage}-epoch-register`;

/**
 * The documents that a centre's functions read, in its own region's parameter store. The registry of callers stands in
 * several, of which this is the prefix.
 */
export const topologyParameter = (settings: Named, centre: CentreName): string =>
  parameterName(settings, centre, 'topology');
export const shardMapParameter = (settings: Named, centre: CentreName): string =>
  parameterName(settings, centre, 'shard-map');
/** @public */
export const callersParameter = (settings: Named, centre: CentreName): string =>
  parameterName(settings, centre, 'callers');

/** What is too long for a function's environment: one secret a centre, in its own region. */
export const settingsSecret = ({ stage }: Named, centre: CentreName): string =>
  `membership/${stage}/settings-${centre.toLowerCase()}`;

/** A database cluster that both centres share, and its half in one of them. */
export const globalClusterName = ({ stage }: Named, databaseCluster: string): string =>
  `membership-${stage}-${databaseCluster}`;
export const databaseClusterName = (settings: Named, databaseCluster: string, centre: CentreName): string =>
  `${globalClusterName(settings, databaseCluster)}-${centre.toLowerCase()}`;

/** Of a centre's consumers, in its own region; the dead letters' name is what `adapters/sqs` makes of it. */
export const queueName = ({ stage }: Named): string => `membership-${stage}-changes`;
export const deadQueueName = (settings: Named): string => `${queueName(settings)}-dead`;

/** By its file and lane; the region tells the centre. */
export const functionName = ({ stage }: Named, entry: string, lane: Lane): string =>
  `membership-${stage}-${entry}${lane === 'critical' ? '' : `-${lane}`}`;

/** The HTTP APIs of a centre. */
export type ApiName = Lane | 'health';

/** The names that an API answers to: its own, and the one that both centres have. Nobody asks both for their health. */
export function apiDomains(
  { zoneName }: DomainSettings,
  api: ApiName,
  centre: CentreName,
): { readonly own: string; readonly shared?: string } {
  const own = `${api}-${centre.toLowerCase()}.${zoneName}`;
  return api === 'health' ? { own } : { own, shared: `${api}.${zoneName}` };
}

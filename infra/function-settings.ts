/** What a stage says of its functions, and of the names that its APIs have. The stages themselves stand in `centre.ts`. */
import type { Lane } from '../functions/core/caller/caller.ts';
import type { CentreName } from '../functions/core/propagation/event.ts';
import type { RequestKind } from '../functions/runtime/lanes.ts';

export const lanes = ['critical', 'marketing'] as const satisfies readonly Lane[];

/** Execution environments of each function that serves such requests, by lane and kind. */
type Environments = Readonly<Record<Lane, Readonly<Record<RequestKind, number>>>>;

export interface FunctionSettings {
  readonly architecture: 'arm64' | 'x86_64';
  readonly memoryMb: number;
  /** Reserved for each function: what it may have at once, and no other lane can take. The account must have the sum. */
  readonly environmentsMax: Environments;
  /** Of these, kept ready. */
  readonly environmentsWarm: Environments;
  /** Of the consumers of a centre's queue; 2 at least. */
  readonly consumersMax: number;
  /** Raise it, and deploy, to begin new environments everywhere: after a secret or an endpoint has changed. */
  readonly generation: number;
  /** Whether other places are called through peering, by their endpoints' names. A stand-in has one address for all. */
  readonly callsThroughPeering: boolean;
}

/** Names of one's own, in a zone of Route 53. Without them callers use the APIs' own addresses, and nothing fails over. */
export interface DomainSettings {
  readonly zoneName: string;
  readonly zoneId: string;
  /** Whose certificates callers must show, by centre: a file of PEM certificates in S3. None: any caller may connect. */
  readonly truststores?: Readonly<Record<CentreName, { readonly uri: string; readonly version: string }>>;
}

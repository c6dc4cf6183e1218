import * as z from 'zod/mini';
import type { Topology, TopologyStore } from '../../core/failover/topology.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { centreNames } from '../../core/propagation/event.ts';
import { makeParameter, type ParameterOptions } from './parameters.ts';
import { type RememberOptions, remembered } from './remembered.ts';

const count = z.int().check(z.nonnegative());
const names = z.array(z.string().check(z.minLength(1))).check(z.maxLength(100));

const topology = z.strictObject({
  format: z.literal(1),
  version: count,
  epoch: count,
  writer: z.enum(centreNames),
  search: z.strictObject({ critical: names, marketing: names }),
  writers: z.optional(z.record(z.string(), z.string().check(z.minLength(1)))),
  untoldSearch: z.optional(names),
  suspendedParts: names,
  replicasOut: z.optional(names),
  isDraining: z.optional(z.boolean()),
  shardMapVersion: count,
  revokedKeyHashes: names,
});

export const parseTopology = (text: string): Topology => topology.parse(JSON.parse(text)) as Topology;

/**
 * The durable topology of a centre, remembered as {@link RememberOptions} say. Who must not go by an older one reads it
 * anew each time, with `rememberMs` and `keepMs` both 0.
 */
export function makeTopologyStore(options: ParameterOptions & RememberOptions): TopologyStore {
  const parameter = makeParameter(options);
  return { read: remembered((deadline) => parameter.read(parseTopology, deadline), options) };
}

/**
 * Writes a topology, unless a newer one stands (by epoch, then by version). For provisioning and promotion: the store
 * has no compare-and-set, so one at a time.
 */
export async function writeTopology(
  options: ParameterOptions & { readonly topology: Topology; readonly deadline: Deadline },
): Promise<'written' | 'newer-stands'> {
  const parameter = makeParameter(options);
  const wanted = topology.parse(options.topology) as Topology;
  const standing = await parameter.find(parseTopology, options.deadline);
  if (standing !== null && isNewer(standing, wanted)) return 'newer-stands';
  await parameter.write(JSON.stringify(wanted), options.deadline);
  return 'written';
}

const isNewer = (one: Topology, other: Topology): boolean =>
  one.epoch === other.epoch ? one.version > other.version : one.epoch > other.epoch;

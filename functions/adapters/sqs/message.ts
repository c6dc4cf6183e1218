import * as z from 'zod/mini';
import { invariant } from '../../core/kernel/invariant.ts';
import type { SyncMessage } from '../../core/propagation/ports.ts';

/** What a queue takes at most, in every region. */
export const messageBytesMax = 256 * 1024;

export function encodeMessage(message: SyncMessage): string {
  const body = JSON.stringify(message);
  const bytes = Buffer.byteLength(body);
  invariant(bytes <= messageBytesMax, `a sync message of ${bytes} bytes`);
  return body;
}

/** The frame only: the event inside was written by this code, and is as trusted as the outbox's. */
const frame = z.looseObject({
  format: z.literal(1),
  epoch: z.optional(z.int()),
  databaseCluster: z.string(),
  sequence: z.int(),
  sinks: z.array(z.string()),
  event: z.looseObject({ memberId: z.string(), version: z.int(), epoch: z.int(), member: z.looseObject({}) }),
});

/** Null when the body is no message of a form known here: another try would not help it. */
export function decodeMessage(body: string): SyncMessage | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  return frame.safeParse(parsed).success ? (parsed as SyncMessage) : null;
}

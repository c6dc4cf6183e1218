import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { admit } from '../../core/caller/caller.ts';
import { orNull } from '../../core/kernel/invariant.ts';
import type { ApiParts, Lazily } from '../api/parts.ts';
import { Refusal } from '../api/problems.ts';
import type { ApiContext } from './api-handler.ts';

const challenge = { headers: { 'www-authenticate': 'Bearer' } };

/**
 * Admits callers. A key that the centre's state revokes is refused as soon as that state was read: before a write,
 * and before the answer of a read leaves, whatever it would have been, because reading brings the newest state along.
 */
export function admission(
  parts: Lazily<ApiParts>,
  readsState: 'before' | 'meanwhile',
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, ApiContext> {
  return {
    async before({ event, context }) {
      const { callers, hashCallerKey, lane, state } = parts();
      const key = /^Bearer +([\x21-\x7e]{1,256})$/i.exec(event.headers.authorization ?? '')?.[1];
      if (key === undefined) throw new Refusal('unauthenticated', challenge);
      const keyHash = hashCallerKey(key);
      const admission = admit(await callers.byKeyHash(keyHash, context.deadline), lane);
      if (admission.kind === 'unknown-key') throw new Refusal('unauthenticated', challenge);
      if (admission.kind === 'disabled') throw new Refusal('caller-disabled');
      if (admission.kind === 'wrong-lane') throw new Refusal('wrong-lane');
      context.admitted = { caller: admission.caller, keyHash };
      if (readsState === 'before') {
        await state.refresh(context.deadline);
        if (await isRevoked(parts, context)) throw new Refusal('key-revoked');
      }
    },
    async after({ context }) {
      if (readsState === 'meanwhile' && (await isRevoked(parts, context))) throw new Refusal('key-revoked');
    },
    async onError(request) {
      const { context } = request;
      if (readsState === 'meanwhile' && (await isRevoked(parts, context)))
        request.error = new Refusal('key-revoked');
    },
  };
}

async function isRevoked(parts: Lazily<ApiParts>, { admitted, deadline }: ApiContext): Promise<boolean> {
  if (!admitted) return false;
  const { state } = parts();
  // Without any state the registry alone decides: what cannot be read must not stop what can be answered.
  const topology = await orNull(state.current(deadline));
  return topology?.revokedKeyHashes.includes(admitted.keyHash) ?? false;
}

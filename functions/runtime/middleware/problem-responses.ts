import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { problemResponse, Refusal, unavailable } from '../api/problems.ts';
import { retryAfterFailureMs } from '../limits.ts';
import type { ApiContext } from './api-handler.ts';

/** Turns whatever was thrown into a problem. What was not foreseen is `internal`, without any detail. */
export function problemResponses(): MiddlewareObj<
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Error,
  ApiContext
> {
  return {
    onError(request) {
      request.response = problemResponse(refusalOf(request.error));
    },
  };
}

/** What the caller is told of whatever was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  // middy's own, shortly before the invocation would be cut off.
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  if (error instanceof DependencyUnavailable || isLate) return unavailable(retryAfterFailureMs);
  return new Refusal('internal');
}

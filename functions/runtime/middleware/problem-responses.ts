import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { problemResponse } from '../api/problems.ts';
import { refusalOf } from '../api/refusals.ts';
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

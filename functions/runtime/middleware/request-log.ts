import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ApiParts, Lazily } from '../api/parts.ts';
import { Refusal } from '../api/problems.ts';
import { failureLine, type FailureLine, logToStandardOutput, type RequestLine } from '../telemetry.ts';
import type { ApiContext } from './api-handler.ts';

/** Writes the request's one line, however it ends. @param logs `failures`: not for what went well, as it mostly does */
export function requestLog(
  operation: string,
  parts: Lazily<ApiParts>,
  logs: 'all' | 'failures',
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, ApiContext> {
  let startedAtMs = 0;
  return {
    before() {
      startedAtMs = performance.now();
    },
    after({ event, context, response }) {
      const isWell = (response?.statusCode ?? 0) < 400;
      if (logs === 'all' || !isWell) write(event, context, response, isWell ? 'ok' : 'failing', undefined);
    },
    onError({ event, context, response, error }) {
      const isRefusal = error instanceof Refusal;
      const code = (JSON.parse(response?.body ?? '{}') as { readonly code?: string }).code ?? 'internal';
      write(event, context, response, code, isRefusal ? undefined : failureLine(error));
    },
  };

  function write(
    event: APIGatewayProxyEventV2,
    context: ApiContext,
    response: APIGatewayProxyStructuredResultV2 | null | undefined,
    outcome: string,
    failure: FailureLine | undefined,
  ): void {
    const line: RequestLine = {
      operation,
      lane: made(parts)?.lane,
      caller: context.admitted?.caller.name,
      requestId: event.requestContext?.requestId,
      status: response?.statusCode,
      outcome,
      source: headerOf(response, 'x-source'),
      freshness: headerOf(response, 'x-freshness'),
      durationMs: Math.round((performance.now() - startedAtMs) * 1000) / 1000,
      failure,
    };
    (made(parts)?.log ?? logToStandardOutput)(line);
  }
}

function headerOf(response: APIGatewayProxyStructuredResultV2 | null | undefined, name: string): string | undefined {
  const value = response?.headers?.[name];
  return value === undefined ? undefined : String(value);
}

/** A process whose parts cannot be made still has to say so. */
function made(parts: Lazily<ApiParts>): ApiParts | undefined {
  try {
    return parts();
  } catch {
    return undefined;
  }
}

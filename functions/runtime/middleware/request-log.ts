import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { ApiParts, Lazily } from '../api/parts.ts';
import { Refusal } from '../api/problems.ts';
import { refusalOf } from '../api/refusals.ts';
import { addDependencies, rounded } from '../telemetry/dependency-members.ts';
import { outcomeClassOf, requestMetrics } from '../telemetry/request-metrics.ts';
import { failureLine, logToStandardOutput, type RequestLine } from '../telemetry.ts';
import type { ApiContext } from './api-handler.ts';

type Ending = Pick<RequestLine, 'outcome' | 'reason' | 'failure'>;

/**
 * Writes the request's one line, however it ends. An environment has one request at a time, so that one start is kept.
 * @param logs `failures`: nothing of what went well
 */
export function requestLog(
  operation: string,
  parts: Lazily<ApiParts>,
  logs: 'all' | 'failures',
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, ApiContext> {
  let startedAtMs = 0;
  return {
    before({ event, context }) {
      startedAtMs = performance.now();
      const at = made(parts);
      at?.meter.reset();
      context.trace = at?.traces.begin(event.headers?.traceparent);
    },
    after({ event, context, response }) {
      const isWell = (response?.statusCode ?? 0) < 400;
      if (logs === 'all' || !isWell) write(event, context, response, { outcome: isWell ? 'ok' : 'failing' });
    },
    onError({ event, context, response, error }) {
      const { code, particulars } = refusalOf(error);
      const failure = error instanceof Refusal ? undefined : failureLine(error);
      write(event, context, response, { outcome: code, reason: particulars.reason, failure });
    },
  };

  function write(
    event: APIGatewayProxyEventV2,
    context: ApiContext,
    response: APIGatewayProxyStructuredResultV2 | null | undefined,
    ending: Ending,
  ): void {
    const at = made(parts);
    const { trace, notes } = context;
    const source = headerOf(response, 'x-source');
    const freshness = headerOf(response, 'x-freshness');
    const hasSource = source !== undefined;
    const line: RequestLine = {
      operation,
      centre: at?.centre,
      lane: at?.lane ?? 'unknown',
      caller: context.admitted?.caller.name,
      requestId: event.requestContext?.requestId,
      trace_id: trace?.traceId,
      span_id: trace?.spanId,
      parent_span_id: trace?.parentSpanId,
      status: response?.statusCode,
      outcome: ending.outcome,
      reason: ending.reason,
      outcomeClass: outcomeClassOf(response?.statusCode),
      source,
      freshness,
      durationMs: rounded(performance.now() - startedAtMs),
      requests: 1,
      cacheHit: hasSource ? (source === 'cache' ? 1 : 0) : notes?.cacheHit,
      fresh: hasSource ? (freshness === 'fresh' ? 1 : 0) : notes?.fresh,
      failure: ending.failure ?? notes?.failure,
    };
    const readings = at?.meter.readings() ?? [];
    addDependencies(line, readings);
    (at?.log ?? logToStandardOutput)(line, requestMetrics(line.cacheHit !== undefined, readings));
  }
}

function headerOf(
  response: APIGatewayProxyStructuredResultV2 | null | undefined,
  name: string,
): string | undefined {
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

/** The house's frame around every function of the API: log line, problems, deadline, admission, then the work. */
import middy, { type MiddyfiedHandler } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Caller } from '../../core/caller/caller.ts';
import type { Deadline } from '../../core/kernel/clock.ts';
import { invariant } from '../../core/kernel/invariant.ts';
import type { WriteRequest } from '../../core/member/outcomes.ts';
import { type TraceContext, traceParentOf } from '../../core/propagation/trace.ts';
import type { ApiParts, Lazily } from '../api/parts.ts';
import type { Values, writeHeaders } from '../api/requests.ts';
import { deadlineOf } from '../deadline.ts';
import { deadlineMs } from '../limits.ts';
import type { ApiFunction } from '../routes.ts';
import type { RequestNotes } from '../telemetry.ts';
import { admission } from './admission.ts';
import { problemResponses } from './problem-responses.ts';
import { requestLog } from './request-log.ts';

export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface ApiContext extends Context {
  deadline: Deadline;
  /** Absent while the parts cannot be made. */
  trace?: TraceContext | undefined;
  notes?: RequestNotes;
  /** Once admitted. */
  admitted?: { readonly caller: Caller; readonly keyHash: string };
}

/** A request as the work gets it. */
export interface ApiRequest {
  readonly event: APIGatewayProxyEventV2;
  readonly deadline: Deadline;
  /** For the request's line: what its answer does not show. */
  note(notes: RequestNotes): void;
}

/** A write as the work gets it. */
export interface ApiWrite extends ApiRequest {
  /** What the core must know of the request; `about` is everything that makes it this request and no other. */
  requestOf(headers: Values<typeof writeHeaders>, ...about: readonly string[]): WriteRequest;
}

type Work<Request> = (parts: ApiParts, request: Request) => Promise<APIGatewayProxyStructuredResultV2>;

/** For callers, reading. */
export function readHandler(name: ApiFunction, parts: Lazily<ApiParts>, work: Work<ApiRequest>): ApiHandler {
  return framed(
    frame(name, parts, deadlineMs.read)
      .use(admission(parts, 'meanwhile'))
      .handler((event: APIGatewayProxyEventV2, context: ApiContext) =>
        work(parts(), requestIn(event, context)),
      ),
  );
}

/** For callers, writing: the centre's state is read anew before anything else. */
export function writeHandler(name: ApiFunction, parts: Lazily<ApiParts>, work: Work<ApiWrite>): ApiHandler {
  return framed(
    frame(name, parts, deadlineMs.write)
      .use(admission(parts, 'before'))
      .handler((event: APIGatewayProxyEventV2, context: ApiContext) => {
        const { admitted, trace } = context;
        invariant(admitted, 'a write came through without a caller');
        const requestOf: ApiWrite['requestOf'] = ({ key, reason }, ...about) => ({
          caller: admitted.caller.name,
          idempotencyKey: key,
          reason,
          requestHash: parts().requestHasher.hash(name, ...about),
          ...(trace && { trace: traceParentOf(trace) }),
        });
        return work(parts(), { ...requestIn(event, context), requestOf });
      }),
  );
}

/** For anybody. */
export function openHandler(name: ApiFunction, parts: Lazily<ApiParts>, work: Work<ApiRequest>): ApiHandler {
  return framed(
    frame(name, parts, deadlineMs.health, 'failures').handler(
      (event: APIGatewayProxyEventV2, context: ApiContext) => work(parts(), requestIn(event, context)),
    ),
  );
}

function requestIn(event: APIGatewayProxyEventV2, context: ApiContext): ApiRequest {
  return {
    event,
    deadline: context.deadline,
    note(notes) {
      context.notes = notes;
    },
  };
}

/** The frame puts what an `ApiContext` has more into the context that the platform gives. */
function framed(
  handler: MiddyfiedHandler<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, ApiContext>,
): ApiHandler {
  return (event, context) => handler(event, context as ApiContext);
}

function frame(name: ApiFunction, parts: Lazily<ApiParts>, capMs: number, logs: 'all' | 'failures' = 'all') {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, ApiContext>()
    .use(requestLog(name, parts, logs))
    .use(problemResponses())
    .before(({ context }) => {
      context.deadline = deadlineOf(parts().clock, context, capMs);
    });
}

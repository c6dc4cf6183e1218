/**
 * A gateway in place of API Gateway's HTTP API: turns HTTP into its events (payload 2.0) by the project's route
 * table, and results into HTTP. Before that it refuses what is above the lane's rates, as API Gateway's throttling
 * would. Nothing else: every rule of the API is the functions'.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { problemResponse, Refusal, unavailable } from '../../functions/runtime/api/problems.ts';
import {
  type ApiFunction,
  defaultRouteKey,
  matchRoute,
  type RouteMatch,
  routeKeyOf,
} from '../../functions/runtime/routes.ts';
import type { InvocationOutcome } from './functions.ts';
import { type HttpServer, listen } from './http-server.ts';
import type { Throttle } from './throttle.ts';

/** As API Gateway has it. The API's own limit is lower. */
export const payloadBytesMax = 10 * 1024 * 1024;

const retryAfterThrottlingMs = 1_000;

export interface GatewayOptions {
  readonly port: number;
  readonly lane: Lane;
  readonly throttle: Throttle;
  /** `gone` is aborted when nobody waits for the answer any more. */
  readonly invoke: (
    name: ApiFunction,
    event: APIGatewayProxyEventV2,
    gone: AbortSignal,
  ) => Promise<InvocationOutcome>;
}

export function startGateway({ port, lane, throttle, invoke }: GatewayOptions): Promise<HttpServer> {
  async function answer(asked: Asked, gone: AbortSignal): Promise<APIGatewayProxyStructuredResultV2> {
    const body = await bodyOf(asked.request);
    if (body === null) return problemResponse(new Refusal('body-too-large'));
    const { name, event } = eventOf(asked, body);
    const outcome = await invoke(name, event, gone);
    if (outcome.kind === 'throttled') return problemResponse(unavailable(retryAfterThrottlingMs));
    if (outcome.kind === 'answered' && isResult(outcome.result)) return outcome.result;
    return problemResponse(new Refusal('internal'));
  }

  const server = createServer((request, response) => {
    const asked = askedOf(request, lane);
    const refusal = throttle.refuses(asked.match?.route.kind ?? 'read');
    if (refusal) {
      // The body is not read: what is refused must cost next to nothing. Node discards it once the answer is sent.
      response.writeHead(refusal.status, refusal.headers).end(refusal.body);
      return;
    }
    const leaving = new AbortController();
    response.on('close', () => leaving.abort());
    answer(asked, leaving.signal).then(
      (result) => send(response, result),
      // The client has gone while it was still sending.
      () => response.destroy(),
    );
  });
  return listen(server, port);
}

/** Null when it is more than API Gateway takes. It is read to its end all the same: who still sends hears no answer. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= payloadBytesMax) chunks.push(chunk);
  }
  return bytes > payloadBytesMax ? null : Buffer.concat(chunks);
}

/** A request with its route, if the lane has it. */
interface Asked {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly match: Extract<RouteMatch, { kind: 'route' }> | undefined;
}

function askedOf(request: IncomingMessage, lane: Lane): Asked {
  const { method = 'GET', url = '/' } = request;
  const [rawPath = '/', rawQueryString = ''] = split(url, '?');
  const found = matchRoute(method, rawPath);
  const match = found.kind === 'route' && found.route.lanes.includes(lane) ? found : undefined;
  return { request, method, rawPath, rawQueryString, match };
}

function eventOf(
  { request, method, rawPath, rawQueryString, match }: Asked,
  body: Buffer,
): { readonly name: ApiFunction; readonly event: APIGatewayProxyEventV2 } {
  const routeKey = match ? routeKeyOf(match.route) : defaultRouteKey;
  const query = [...new URLSearchParams(rawQueryString)];
  const [headers, cookies] = headersOf(request);
  const text = textOf(body);
  const now = new Date();
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(query.length > 0 && { queryStringParameters: joined(query) }),
    ...(match && Object.keys(match.parameters).length > 0 && { pathParameters: { ...match.parameters } }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: text ?? body.toString('base64') }),
    isBase64Encoded: body.length > 0 && text === null,
  };
  return { name: match?.route.function ?? 'no-route', event };
}

/** Names in lower case; a header that comes more than once is joined by commas; cookies stand apart. */
function headersOf(request: IncomingMessage): [Record<string, string>, string[]] {
  const pairs: [string, string][] = [];
  const cookies: string[] = [];
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (name === 'cookie') cookies.push(...(values ?? []).flatMap((value) => value.split(/; */)));
    else pairs.push([name, (values ?? []).join(',')]);
  }
  return [Object.fromEntries(pairs), cookies];
}

function joined(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [name, value] of pairs) all[name] = Object.hasOwn(all, name) ? `${all[name]},${value}` : value;
  return all;
}

/** Null for what is no UTF-8: it goes as base64. */
function textOf(body: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

function split(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

function isResult(result: unknown): result is APIGatewayProxyStructuredResultV2 & { statusCode: number } {
  return (
    typeof result === 'object' &&
    result !== null &&
    'statusCode' in result &&
    typeof result.statusCode === 'number'
  );
}

function send(response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  const { statusCode = 200, headers = {}, cookies = [], body = '', isBase64Encoded } = result;
  const content = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.statusCode = statusCode;
  response.setHeader('content-length', content.length);
  response.end(content);
}

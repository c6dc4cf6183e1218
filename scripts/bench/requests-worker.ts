/** The functions that read, called as the platform calls them, beside a bare `GET`. See `requests.ts`. */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handler as getMember } from '../../functions/get-member.ts';
import { handler as lookUpMember } from '../../functions/look-up-member.ts';
import type { ApiHandler } from '../../functions/runtime/middleware/api-handler.ts';
import { serve } from './child.ts';
import { openRedis } from './libraries.ts';
import { type Contender, type Measured, measure, type Pace } from './measure.ts';

export interface RequestsTask {
  readonly callerKey: string;
  readonly redisUrl: string;
  readonly bareKeys: readonly string[];
  readonly samples: readonly { readonly memberId: string; readonly phone: string }[];
  readonly callers: number;
  readonly pace: Pace;
}

const attemptsMax = 50;
/** A busy machine lets one or another miss its share of the time: too few to show. */
const missedMax = 100;

serve(async (task: RequestsTask): Promise<{ readonly measured: readonly Measured[] }> => {
  const { samples, bareKeys, callers, pace } = task;
  const redis = openRedis(task.redisUrl);
  let turn = 0;
  let missed = 0;
  const call = async (handler: ApiHandler, event: APIGatewayProxyEventV2): Promise<boolean> => {
    const answer = await handler(event, contextOf());
    const isHit = answer.statusCode === 200 && answer.headers?.['x-source'] === 'cache';
    if (!isHit) missed++;
    return isHit;
  };
  const byId = samples.map(({ memberId }) =>
    eventOf(task.callerKey, 'GET /v1/members/{memberId}', `/v1/members/${memberId}`, { memberId }),
  );
  const byPhone = samples.map(({ phone }) =>
    eventOf(
      task.callerKey,
      'POST /v1/members/lookup',
      '/v1/members/lookup',
      undefined,
      JSON.stringify({ phone }),
    ),
  );
  const of = <Item>(items: readonly Item[]): Item => items[turn++ % items.length] as Item;
  const contenders: Contender[] = [
    { name: 'bare GET', request: () => redis.get(of(bareKeys)) },
    { name: 'GET /v1/members/{memberId}', request: () => call(getMember, of(byId)) },
    { name: 'POST /v1/members/lookup', request: () => call(lookUpMember, of(byPhone)) },
  ];
  // The first ones load the client of the callers' registry, and may take longer than a request has.
  for (let attempt = 0; attempt < attemptsMax && !(await call(getMember, of(byId))); attempt++);
  for (let attempt = 0; attempt < attemptsMax && !(await call(lookUpMember, of(byPhone))); attempt++);
  missed = 0;
  const measured = await measure(contenders, callers, pace);
  redis.disconnect();
  if (missed > missedMax) throw new Error(`${missed} requests were no hits`);
  return { measured };
});

/** An event as API Gateway sends it, format 2.0, with the headers that a browserless caller's request has. */
function eventOf(
  callerKey: string,
  routeKey: string,
  path: string,
  pathParameters?: Record<string, string>,
  body?: string,
): APIGatewayProxyEventV2 {
  const [method = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: {
      accept: '*/*',
      authorization: `Bearer ${callerKey}`,
      'content-length': String(body?.length ?? 0),
      'content-type': 'application/json',
      host: 'members.example.com',
      'user-agent': 'orders/1.0',
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'members.example.com',
      domainPrefix: 'members',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'orders/1.0' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey,
      stage: '$default',
      time: '01/Jan/2026:00:00:00 +0000',
      timeEpoch: 1_767_225_600_000,
    },
    ...(pathParameters && { pathParameters }),
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

/** A new one for each request, because the frame keeps in it what belongs to the request. */
function contextOf(): Context {
  return {
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'bench',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:ap-southeast-1:000000000000:function:bench',
    memoryLimitInMB: '512',
    awsRequestId: '00000000-0000-0000-0000-000000000000',
    logGroupName: 'bench',
    logStreamName: 'bench',
    getRemainingTimeInMillis: () => 10_000,
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}

import { Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { type RequestKind, requestRates } from '../../functions/runtime/lanes.ts';
import { type ApiFunction, defaultRouteKey, type Route, routeKeyOf } from '../../functions/runtime/routes.ts';
import type { StageSettings } from '../centre.ts';
import { accept } from './accept.ts';
import type { MemberFunction } from './member-function.ts';

export interface HttpApiProps {
  readonly settings: StageSettings;
  readonly centre: CentreName;
  readonly lane: Lane;
  /** `marketing`, or `health` for the one that answers nothing else. */
  readonly name: string;
  readonly routes: readonly Route[];
  readonly functions: ReadonlyMap<ApiFunction, MemberFunction>;
  /** Encrypts the access log. */
  readonly key: IKey;
}

/** As API Gateway ends a request: what Lambda has for it. */
const integrationTimeoutMs = 10_000;

/** What is kept of each request: nothing of who asks, where from, or for whom. A path would name a member. */
const accessLogFields = {
  requestId: '$context.requestId',
  atMs: '$context.requestTimeEpoch',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseBytes: '$context.responseLength',
  responseMs: '$context.responseLatency',
  integrationMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
} as const;

/**
 * An HTTP API of a centre: its routes, and before them the lane's rates. These are one environment's
 * (`functions/runtime/lanes.ts`) times those that the route's function may have. Where the stage has names of its own,
 * the API answers to these alone.
 */
export class HttpApi extends Construct {
  readonly id: string;
  readonly url: string;
  readonly stage: CfnStage;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { settings, centre, lane, name, routes } = props;
    const api = new CfnApi(this, 'Api', {
      name: `membership-${settings.stage}-${name}`,
      description: `Of centre ${centre}, ${name}.`,
      protocolType: 'HTTP',
      disableExecuteApiEndpoint: settings.domain !== undefined,
    });
    this.id = api.ref;
    const { region, urlSuffix } = Stack.of(this);
    this.url = `https://${api.ref}.execute-api.${region}.${urlSuffix}`;

    const integrations = new Map<ApiFunction, CfnIntegration>();
    const integrationOf = (entry: ApiFunction): CfnIntegration => {
      const made = integrations.get(entry) ?? this.#integrate(entry, api, props);
      integrations.set(entry, made);
      return made;
    };
    const keys = [
      ...routes.map((route) => [routeKeyOf(route), route.function, route.kind] as const),
      [defaultRouteKey, 'no-route', 'open'] as const,
    ];
    const made = keys.map(([routeKey, entry]) => {
      const route = new CfnRoute(this, `Route ${routeKey.replaceAll('/', '.')}`, {
        apiId: api.ref,
        routeKey,
        target: Fn.join('/', ['integrations', integrationOf(entry).ref]),
        authorizationType: 'NONE',
      });
      accept(route, {
        APIG4: 'Callers are admitted by their keys in the functions, by a registry that both centres keep.',
      });
      return route;
    });

    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/membership/${settings.stage}/api/${name}`,
      retention: settings.logDays as RetentionDays,
      encryptionKey: props.key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const throttleOf = (entry: ApiFunction, kind: RequestKind) => {
      const { environmentsMax = 1 } = props.functions.get(entry)?.props ?? {};
      const { perSecond, burst } = requestRates(lane, environmentsMax)[kind];
      return { throttlingRateLimit: perSecond, throttlingBurstLimit: burst };
    };
    this.stage = new CfnStage(this, 'Stage', {
      apiId: api.ref,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: {
        destinationArn: accessLog.logGroupArn,
        format: JSON.stringify(accessLogFields),
      },
      defaultRouteSettings: { detailedMetricsEnabled: true, ...throttleOf('no-route', 'open') },
      routeSettings: Object.fromEntries(
        keys.map(([routeKey, entry, kind]) => [
          routeKey,
          {
            DetailedMetricsEnabled: true,
            ThrottlingRateLimit: throttleOf(entry, kind).throttlingRateLimit,
            ThrottlingBurstLimit: throttleOf(entry, kind).throttlingBurstLimit,
          },
        ]),
      ),
    });
    // A rate of a route that is not there yet is refused.
    for (const route of made) this.stage.addResourceDependency(route);
  }

  #integrate(entry: ApiFunction, api: CfnApi, { functions, name }: HttpApiProps): CfnIntegration {
    const fn = functions.get(entry);
    if (!fn) throw new Error(`no function ${entry} for ${name}`);
    fn.live.addPermission(`From ${name}`, {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: api.ref,
        resourceName: '*/*',
      }),
    });
    return new CfnIntegration(this, `To ${entry}`, {
      apiId: api.ref,
      integrationType: 'AWS_PROXY',
      integrationMethod: 'POST',
      integrationUri: fn.live.functionArn,
      payloadFormatVersion: '2.0',
      timeoutInMillis: integrationTimeoutMs,
    });
  }
}

import { describe, expect, test } from 'vitest';
import { centreNames } from '../../functions/core/propagation/event.ts';
import { laneLimits } from '../../functions/runtime/lanes.ts';
import { routeKeyOf, routes } from '../../functions/runtime/routes.ts';
import { stages } from '../../infra/centre.ts';
import { lanes } from '../../infra/function-settings.ts';
import { type Properties, propertiesOf, resourcesOf, type Stack, stackOf } from './synthesis.ts';

const { functions: sizes, domain } = stages.production;

/** What belongs to one HTTP API of a stack, by the API's name. */
function apiOf(stack: Stack, name: string) {
  const found = resourcesOf(stack, 'AWS::ApiGatewayV2::Api').find(([, { Properties: of }]) =>
    String(of.Name).endsWith(`-${name}`),
  );
  if (!found) throw new Error(`no API ${name}`);
  const [id, { Properties: api }] = found;
  const ofApi = (type: string): readonly Properties[] =>
    propertiesOf(stack, type).filter(({ ApiId }) => ApiId?.Ref === id);
  return { id, api, ofApi };
}

/** `get-member` of the integration that a route leads to. */
function functionOf(stack: Stack, route: Properties): string {
  const integration = stack.resources[route.Target['Fn::Join'][1][1].Ref];
  const alias = stack.resources[integration?.Properties.IntegrationUri.Ref];
  const fn = stack.resources[alias?.Properties.FunctionName.Ref];
  return fn?.Properties.Handler;
}

describe.each(centreNames)('the APIs of centre %s', (centre) => {
  const stack = () => stackOf('production', 'api', centre);

  test.each(lanes)('%s has the routes of the table, and no others', (lane) => {
    const { ofApi } = apiOf(stack(), lane);
    const made = ofApi('AWS::ApiGatewayV2::Route').map((route) => [
      route.RouteKey,
      functionOf(stack(), route),
    ]);
    const wanted = routes
      .filter((route) => route.lanes.includes(lane))
      .map((route) => [routeKeyOf(route), `${route.function}.handler`]);
    expect(new Map(made as [string, string][])).toEqual(
      new Map([...wanted, ['$default', 'no-route.handler']] as [string, string][]),
    );
  });

  test.each(lanes)('%s is throttled by the lane’s rates times the route’s environments', (lane) => {
    const [stage] = apiOf(stack(), lane).ofApi('AWS::ApiGatewayV2::Stage');
    for (const route of routes) {
      const { perSecond, burst } = laneLimits[lane].requests[route.kind];
      const environments = sizes.environmentsMax[lane][route.kind];
      expect(stage.RouteSettings[routeKeyOf(route)]).toMatchObject({
        ThrottlingRateLimit: perSecond * environments,
        ThrottlingBurstLimit: burst * environments,
      });
    }
    // What has no route must not be free of any bound.
    expect(stage.RouteSettings.$default.ThrottlingRateLimit).toBeGreaterThan(0);
    expect(stage.DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
  });

  test.each([...lanes, 'health'])('%s logs nothing of who asks, or for whom', (name) => {
    const [stage] = apiOf(stack(), name).ofApi('AWS::ApiGatewayV2::Stage');
    const { Format } = stage.AccessLogSettings;
    expect(Object.keys(JSON.parse(Format))).toContain('status');
    expect(Format).not.toMatch(/path|sourceIp|identity|userAgent|authoriz|query|header|caller/i);
    const groups = propertiesOf(stack(), 'AWS::Logs::LogGroup').filter(
      ({ LogGroupName }) => LogGroupName === `/membership/production/api/${name}`,
    );
    expect(groups).toHaveLength(1);
    expect(groups[0].KmsKeyId).toBeDefined();
    expect(groups[0].RetentionInDays).toBe(90);
  });

  test.each(lanes)('%s answers to its names alone, with mutual TLS', (lane) => {
    const { api } = apiOf(stack(), lane);
    expect(api.DisableExecuteApiEndpoint).toBe(true);
    const names = propertiesOf(stack(), 'AWS::ApiGatewayV2::DomainName');
    for (const name of [lane, `${lane}-${centre.toLowerCase()}`]) {
      const found = names.find(({ DomainName }) => DomainName === `${name}.${domain?.zoneName}`);
      expect(found?.MutualTlsAuthentication.TruststoreUri).toBe(domain?.truststores?.[centre].uri);
      expect(found?.DomainNameConfigurations[0].SecurityPolicy).toBe('TLS_1_2');
    }
  });

  test('the health name has no mutual TLS, and leads to nothing but health', () => {
    const { id, api, ofApi } = apiOf(stack(), 'health');
    expect(api.DisableExecuteApiEndpoint).toBe(true);
    const keys = ofApi('AWS::ApiGatewayV2::Route').map(({ RouteKey }) => RouteKey);
    expect(keys.sort()).toEqual(['$default', 'GET /health']);
    const mappings = propertiesOf(stack(), 'AWS::ApiGatewayV2::ApiMapping').filter(
      ({ ApiId }) => ApiId.Ref === id,
    );
    const led = mappings.map(({ DomainName }) => stack().resources[DomainName.Ref]?.Properties);
    expect(led.map(({ DomainName }) => DomainName)).toEqual([
      `health-${centre.toLowerCase()}.${domain?.zoneName}`,
    ]);
    expect(led[0].MutualTlsAuthentication).toBeUndefined();
  });

  test('API Gateway may call each function by its alias, from its own API', () => {
    const permissions = propertiesOf(stack(), 'AWS::Lambda::Permission');
    const integrations = propertiesOf(stack(), 'AWS::ApiGatewayV2::Integration');
    expect(permissions).toHaveLength(integrations.length);
    for (const permission of permissions) {
      expect(stack().resources[permission.FunctionName.Ref]?.Type).toBe('AWS::Lambda::Alias');
      expect(permission.Principal).toBe('apigateway.amazonaws.com');
      expect(JSON.stringify(permission.SourceArn)).toContain('/*/*');
    }
  });
});

test('a stage without names keeps the APIs’ own addresses, and has no health API', () => {
  const stack = stackOf('small', 'api', 'A');
  const apis = propertiesOf(stack, 'AWS::ApiGatewayV2::Api');
  expect(apis.map(({ DisableExecuteApiEndpoint }) => DisableExecuteApiEndpoint)).toEqual([false, false]);
  expect(propertiesOf(stack, 'AWS::ApiGatewayV2::DomainName')).toEqual([]);
});

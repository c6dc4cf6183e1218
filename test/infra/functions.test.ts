/** What holds of every function that serves, in both centres. */
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { centreNames, otherCentre } from '../../functions/core/propagation/event.ts';
import { variableNames } from '../../functions/runtime/env.ts';
import { routes } from '../../functions/runtime/routes.ts';
import { stages } from '../../infra/centre.ts';
import { lanes } from '../../infra/function-settings.ts';
import {
  type Properties,
  propertiesOf,
  type Resource,
  resourcesOf,
  type Stack,
  stackOf,
} from './synthesis.ts';

const { functions: sizes, places } = stages.production;
const parts = ['sync', 'relay', 'promotion', 'api'] as const;

interface Serving {
  readonly stack: Stack;
  readonly entry: string;
  readonly id: string;
  readonly properties: Properties;
}

/** Those that CloudFormation calls have no centre. */
const serving = (centre: 'A' | 'B'): readonly Serving[] =>
  parts.flatMap((part) => {
    const stack = stackOf('production', part, centre);
    return resourcesOf(stack, 'AWS::Lambda::Function')
      .filter(([, { Properties: of }]) => of.Environment?.Variables.CENTRE !== undefined)
      .map(([id, { Properties: properties }]) => ({
        stack,
        entry: String(properties.Handler).replace('.handler', ''),
        id,
        properties,
      }));
  });

const textOf = (value: Properties): string =>
  typeof value === 'string'
    ? value
    : value['Fn::Join'][1]
        .map((part: Properties) => (typeof part === 'string' ? part : `<${part.Ref}>`))
        .join('');

const statementsOf = ({ stack, properties }: Serving): readonly Properties[] => {
  const role = properties.Role['Fn::GetAtt'][0];
  return propertiesOf(stack, 'AWS::IAM::Policy')
    .filter(({ Roles }) => Roles.some(({ Ref }: { Ref: string }) => Ref === role))
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
};

const actionsOf = (fn: Serving): readonly string[] =>
  statementsOf(fn).flatMap(({ Action }) => [Action].flat() as string[]);

describe.each(centreNames)('centre %s', (centre) => {
  test('has every function there is, on each of its lanes', () => {
    const made = serving(centre).map(
      ({ entry, properties }) => `${entry} ${properties.Environment.Variables.LANE}`,
    );
    const files = readdirSync('functions').flatMap((name) =>
      name.endsWith('.ts') ? [name.slice(0, -3)] : [],
    );
    const ofApi = [...new Set(routes.map((route) => route.function)), 'no-route'];
    const background = ['apply-change', 'relay-outbox', 'observe-consistency', 'promote-writer'];
    expect(made.sort()).toEqual(
      [
        ...ofApi.flatMap((entry) => lanes.map((lane) => `${entry} ${lane}`)),
        ...background.map((entry) => `${entry} critical`),
      ].sort(),
    );
    expect(files).toEqual(expect.arrayContaining([...ofApi, ...background]));
  });

  test('runs each on arm64, in the centre’s network, with an encrypted environment', () => {
    for (const { entry, properties } of serving(centre)) {
      expect(properties.Architectures, entry).toEqual(['arm64']);
      expect(properties.Runtime).toBe('nodejs22.x');
      expect(properties.VpcConfig.SubnetIds).toHaveLength(3);
      expect(properties.VpcConfig.SecurityGroupIds).toHaveLength(1);
      expect(properties.KmsKeyArn).toBeDefined();
    }
  });

  test('gives each every variable that it must have, plain or stored, and no secret in plain', () => {
    const optional = ['PLATFORMS', 'OBSERVER', 'OTHER_PARAMETERS', 'GLOBAL_CLUSTERS'];
    for (const { entry, properties } of serving(centre)) {
      const { STORED_VARIABLES, ...plain } = properties.Environment.Variables;
      const stored = Object.keys(JSON.parse(textOf(STORED_VARIABLES)).variables);
      for (const name of variableNames) {
        if (optional.includes(name) || /^(CACHE|SEARCH|DATABASE)_/.test(name)) continue;
        expect([...Object.keys(plain), ...stored], `${entry} ${name}`).toContain(name);
      }
      expect(stored).toEqual(expect.arrayContaining(['KEYRING', 'DATABASE_PASSWORD', 'DATABASES']));
      expect(Object.keys(plain)).not.toContain('KEYRING');
      // Lambda's limit, with room for what is filled in when it deploys.
      const size = Object.entries(properties.Environment.Variables).reduce(
        (sum, [name, value]) => sum + name.length + textOf(value).length,
        0,
      );
      expect(size, entry).toBeLessThan(4_096);
    }
  });

  test('calls the other centre and the witness by their endpoints’ own names', () => {
    for (const { entry, properties } of serving(centre)) {
      const { QUEUES, WITNESS } = properties.Environment.Variables;
      const other = otherCentre(centre);
      const queues = JSON.parse(textOf(QUEUES));
      expect(queues[other].endpoint, entry).toMatch(
        new RegExp(`^https://<SsmParameterValuemembershipproduction${other}networkendpointssqs`),
      );
      expect(queues[other].region).toBe(places[other].region);
      expect(queues[centre].endpoint).toBeUndefined();
      expect(JSON.parse(textOf(WITNESS)).endpoint).toContain('witnessnetworkendpointsdynamodb');
    }
  });

  test('reserves each its environments, and keeps some ready behind the alias', () => {
    for (const { stack, id, entry, properties } of serving(centre)) {
      const lane: 'critical' | 'marketing' = properties.Environment.Variables.LANE;
      const kind = routes.find((route) => route.function === entry)?.kind;
      if (!kind) continue;
      expect(properties.ReservedConcurrentExecutions, entry).toBe(sizes.environmentsMax[lane][kind]);
      const alias = propertiesOf(stack, 'AWS::Lambda::Alias').find(
        ({ FunctionName }) => FunctionName.Ref === id,
      );
      const warm = sizes.environmentsWarm[lane][kind];
      expect(alias?.Name).toBe('live');
      expect(alias?.ProvisionedConcurrencyConfig?.ProvisionedConcurrentExecutions ?? 0, entry).toBe(warm);
    }
    for (const lane of lanes) {
      const reserved = Object.values(sizes.environmentsMax[lane]);
      for (const [index, warm] of Object.values(sizes.environmentsWarm[lane]).entries()) {
        expect(warm).toBeLessThanOrEqual(reserved[index] ?? 0);
      }
    }
  });

  test('keeps each log for as long as the stage says, encrypted', () => {
    for (const { stack, properties, entry } of serving(centre)) {
      const log: Resource | undefined = stack.resources[properties.LoggingConfig.LogGroup.Ref];
      expect(log?.Properties.RetentionInDays, entry).toBe(90);
      expect(log?.Properties.KmsKeyId, entry).toBeDefined();
      expect(log?.Properties.LogGroupName).toBe(`/aws/lambda/${properties.FunctionName}`);
    }
  });

  test('allows each what it does, and no more', () => {
    const usual = [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:GetSecretValue',
      'ssm:GetParameter',
      'ssm:GetParameters',
    ];
    const receives = [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:ReceiveMessage',
    ];
    const more: Readonly<Record<string, readonly string[]>> = {
      'apply-change': [...receives, 'sqs:SendMessage'],
      'relay-outbox': [
        'dynamodb:GetItem',
        'dynamodb:UpdateItem',
        'sqs:GetQueueAttributes',
        'sqs:SendMessage',
        'ssm:PutParameter',
      ],
      'promote-writer': [
        'dynamodb:GetItem',
        'dynamodb:UpdateItem',
        'rds:DescribeGlobalClusters',
        'rds:FailoverGlobalCluster',
        'rds:SwitchoverGlobalCluster',
        'ssm:PutParameter',
      ],
    };
    const writes = routes.filter(({ kind }) => kind === 'write').map((route) => route.function as string);
    for (const fn of serving(centre)) {
      const own = more[fn.entry] ?? (writes.includes(fn.entry) ? ['sqs:SendMessage'] : []);
      expect([...new Set(actionsOf(fn))].sort(), fn.entry).toEqual([...new Set([...usual, ...own])].sort());
    }
  });

  test('lets a function read the secrets that it is told of, by their whole names', () => {
    for (const fn of serving(centre)) {
      const { variables } = JSON.parse(textOf(fn.properties.Environment.Variables.STORED_VARIABLES));
      const told = new Set(
        Object.values(variables as Record<string, { secret: string }>).map(({ secret }) => secret),
      );
      const allowed = statementsOf(fn)
        .filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'))
        .flatMap(({ Resource: of }) => [of].flat() as Properties[]);
      expect(allowed, fn.entry).toHaveLength(told.size);
      expect(JSON.stringify(allowed)).not.toContain('*');
    }
  });
});

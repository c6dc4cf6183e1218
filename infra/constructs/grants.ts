/**
 * What functions are allowed: each grant sets the variables that name a part, and gives the permission to use it, so
 * that no function has one without the other. All functions must know all parts (`functions/runtime/env.ts`); a part
 * that a function only has to know of is named without a permission.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type CentreName, centreNames, otherCentre } from '../../functions/core/propagation/event.ts';
import type { VariableName } from '../../functions/runtime/env.ts';
import { databaseClusters } from '../centre.ts';
import {
  callersParameter,
  databaseClusterName,
  deadQueueName,
  globalClusterName,
  queueName,
  type SecretName,
  secretName,
  settingsSecret,
  topologyParameter,
  witnessTable,
} from '../names.ts';
import { secretArn, useOfKey } from '../stacks/secrets.ts';
import { longVariables } from '../stacks/settings.ts';
import type { MemberFunction } from './member-function.ts';
import { published } from './published.ts';

/** A variable that is stored: in which secret, and as which of its members. */
type Stored = readonly [variable: VariableName, secret: SecretName, field?: string];

const storedForAll: readonly Stored[] = [
  ['KEYRING', 'keyring'],
  ['DATABASE_USER', 'database', 'username'],
  ['DATABASE_PASSWORD', 'database', 'password'],
];

/** What the parts ask of who calls them. */
const storedForParts: readonly Stored[] = [
  ['CACHE_USER', 'cache', 'username'],
  ['CACHE_PASSWORD', 'cache', 'password'],
  ['SEARCH_USER', 'search', 'username'],
  ['SEARCH_PASSWORD', 'search', 'password'],
];

/** The stored variables of every function, and of this one besides. */
function grantStored(fn: MemberFunction, more: readonly Stored[]): void {
  const { settings, centre } = fn.props;
  const { region, urlSuffix } = fn.stack;
  const stored = [...storedForAll, ...(settings.enginesAskUsers ? storedForParts : []), ...more];
  const variables = Object.fromEntries([
    ...stored.map(([name, secret, field]) => [
      name,
      { secret: secretName(settings, secret), ...(field && { field }) },
    ]),
    ...longVariables.map((name) => [name, { secret: settingsSecret(settings, centre), field: name }]),
  ]);
  const endpoint = `https://secretsmanager.${region}.${urlSuffix}`;
  fn.setVariable(
    'STORED_VARIABLES',
    fn.stack.toJsonString({
      region,
      ...(settings.functions.callsThroughPeering && { endpoint }),
      variables,
    }),
  );
  const names = [...new Set(stored.map(([, secret]) => secret))];
  fn.allow(
    ['secretsmanager:GetSecretValue'],
    [
      ...names.map((name) => secretArn(fn.stack, settings, centre, name)),
      published(fn.stack, settings, centre, 'secrets/settings'),
    ],
  );
  fn.allowBy(useOfKey(fn.stack, settings, centre));
}

/** The centre's documents, to read: topology, and the registry of callers, which is many parameters below one path. */
function grantDocuments(fn: MemberFunction): void {
  const { settings, centre } = fn.props;
  fn.setVariable('PARAMETERS', fn.stack.toJsonString({ region: fn.stack.region }));
  fn.setVariable('TOPOLOGY_PARAMETER', topologyParameter(settings, centre));
  fn.setVariable('CALLERS_PARAMETER', callersParameter(settings, centre));
  const parameter = (name: string) =>
    fn.stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: name.slice(1) });
  fn.allow(
    ['ssm:GetParameter', 'ssm:GetParameters'],
    [parameter(topologyParameter(settings, centre)), parameter(`${callersParameter(settings, centre)}/??`)],
  );
}

/** Both centres' queues by name, without a permission. */
export function nameQueues(fn: MemberFunction): void {
  const { settings, centre } = fn.props;
  const { account, urlSuffix } = Stack.of(fn);
  const queues = centreNames.map((at) => {
    const { region } = settings.places[at];
    const throughPeering = settings.functions.callsThroughPeering && at === otherCentre(centre);
    return [
      at,
      {
        url: `https://sqs.${region}.${urlSuffix}/${account}/${queueName(settings)}`,
        region,
        ...(throughPeering && {
          endpoint: `https://${published(fn.stack, settings, at, 'network/endpoints/sqs')}`,
        }),
      },
    ] as const;
  });
  fn.setVariable('QUEUES', fn.stack.toJsonString(Object.fromEntries(queues)));
}

const queueArn = (fn: MemberFunction, at: CentreName, name: string): string =>
  fn.stack.formatArn({ service: 'sqs', region: fn.props.settings.places[at].region, resource: name });

/** To send to both centres' queues. The key of the queue's own region encrypts what is sent. */
export function grantSend(fn: MemberFunction): void {
  const { settings } = fn.props;
  nameQueues(fn);
  fn.allow(
    ['sqs:SendMessage'],
    centreNames.map((at) => queueArn(fn, at, queueName(settings))),
  );
  for (const at of centreNames) fn.allowBy(useOfQueueKey(fn, at));
}

/** The key of the queue's own region encrypts what is sent. */
function useOfQueueKey(fn: MemberFunction, at: CentreName): PolicyStatement {
  const { settings } = fn.props;
  return new PolicyStatement({
    actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
    resources: [published(fn.stack, settings, at, 'key')],
    conditions: {
      StringEquals: { 'kms:ViaService': `sqs.${settings.places[at].region}.${fn.stack.urlSuffix}` },
    },
  });
}

/** To count the own centre's queue and its dead letters. */
export function grantGauge(fn: MemberFunction): void {
  const { settings, centre } = fn.props;
  fn.allow(
    ['sqs:GetQueueAttributes'],
    [queueName(settings), deadQueueName(settings)].map((name) => queueArn(fn, centre, name)),
  );
}

/** The witness by name, without a permission. */
export function nameWitness(fn: MemberFunction): void {
  const { settings } = fn.props;
  fn.setVariable(
    'WITNESS',
    fn.stack.toJsonString({
      region: settings.places.witness.region,
      table: witnessTable(settings),
      ...(settings.functions.callsThroughPeering && {
        endpoint: `https://${published(fn.stack, settings, 'witness', 'network/endpoints/dynamodb')}`,
      }),
    }),
  );
}

/** To renew a lease to write against the witness. */
export function grantWitness(fn: MemberFunction): void {
  const { settings } = fn.props;
  nameWitness(fn);
  fn.allow(
    ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
    [
      fn.stack.formatArn({
        service: 'dynamodb',
        region: settings.places.witness.region,
        resource: 'table',
        resourceName: witnessTable(settings),
      }),
    ],
  );
}

const topologyArn = (fn: MemberFunction, at: CentreName): string =>
  fn.stack.formatArn({
    service: 'ssm',
    region: fn.props.settings.places[at].region,
    resource: 'parameter',
    resourceName: topologyParameter(fn.props.settings, at).slice(1),
  });

/** To tell both centres of an epoch: their topologies, the other's by its own endpoint. */
export function grantTopologies(fn: MemberFunction): void {
  const { settings, centre } = fn.props;
  const other = otherCentre(centre);
  fn.setVariable(
    'OTHER_PARAMETERS',
    fn.stack.toJsonString({
      region: settings.places[other].region,
      topology: topologyParameter(settings, other),
      ...(settings.functions.callsThroughPeering && {
        endpoint: `https://${published(fn.stack, settings, other, 'network/endpoints/ssm')}`,
      }),
    }),
  );
  fn.allow(['ssm:GetParameter', 'ssm:PutParameter'], [topologyArn(fn, other)]);
  fn.allow(['ssm:PutParameter'], [topologyArn(fn, centre)]);
}

/** To move the writers of all database clusters here, and to publish in both centres that they are. */
export function grantPromotion(fn: MemberFunction): void {
  const { settings } = fn.props;
  const global = (name: string) =>
    fn.stack.formatArn({
      ...{ service: 'rds', region: '', resource: 'global-cluster', arnFormat: ArnFormat.COLON_RESOURCE_NAME },
      resourceName: globalClusterName(settings, name),
    });
  const half = (name: string, at: CentreName) =>
    fn.stack.formatArn({
      ...{ service: 'rds', resource: 'cluster', arnFormat: ArnFormat.COLON_RESOURCE_NAME },
      region: settings.places[at].region,
      resourceName: databaseClusterName(settings, name, at),
    });
  const clusters = databaseClusters(settings);
  fn.setVariable(
    'GLOBAL_CLUSTERS',
    fn.stack.toJsonString(
      Object.fromEntries(
        clusters.map((name) => {
          const members = { A: half(name, 'A'), B: half(name, 'B') };
          return [name, { global: globalClusterName(settings, name), members }];
        }),
      ),
    ),
  );
  fn.allow(['rds:DescribeGlobalClusters'], clusters.map(global));
  fn.allow(
    ['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster'],
    clusters.flatMap((name) => [global(name), half(name, 'A'), half(name, 'B')]),
  );
  grantTopologies(fn);
}

/** What every function has; a part that it uses is granted by {@link grantSend} or {@link grantWitness} in place of its name. */
export function grantUsual(fn: MemberFunction, more: readonly Stored[] = []): void {
  const { authoritiesFile } = fn.props.settings.database;
  if (authoritiesFile !== undefined) fn.setVariable('DATABASE_CA_FILE', authoritiesFile);
  fn.setVariable('CACHE_REPLICAS', String(fn.props.settings.cache.replicas));
  grantStored(fn, more);
  grantDocuments(fn);
}

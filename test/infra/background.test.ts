/** Queues, relay, observer, routing. */
import { describe, expect, test } from 'vitest';
import { deadLetterDays, queueDays } from '../../functions/core/failover/retention.ts';
import { centreNames, otherCentre } from '../../functions/core/propagation/event.ts';
import { healthCheck } from '../../functions/runtime/routing.ts';
import { databaseClusters, stages } from '../../infra/centre.ts';
import { lanes } from '../../infra/function-settings.ts';
import { type Properties, propertiesOf, resourcesOf, stackOf } from './synthesis.ts';

const daySeconds = 86_400;
const { domain, functions: sizes } = stages.production;

describe.each(centreNames)('centre %s', (centre) => {
  test('has a queue whose messages are given up into another, encrypted, over TLS alone', () => {
    const stack = stackOf('production', 'sync', centre);
    const queues = new Map(propertiesOf(stack, 'AWS::SQS::Queue').map((of) => [of.QueueName, of]));
    const queue = queues.get('membership-production-changes');
    const dead = queues.get('membership-production-changes-dead');
    expect(queue).toMatchObject({ MessageRetentionPeriod: queueDays * daySeconds });
    expect(dead).toMatchObject({ MessageRetentionPeriod: deadLetterDays * daySeconds });
    expect(queue.RedrivePolicy.maxReceiveCount).toBe(5);
    const target = queue.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0];
    expect(stack.resources[target]?.Properties.QueueName).toBe(dead.QueueName);
    expect(dead.RedriveAllowPolicy.redrivePermission).toBe('byQueue');
    expect(JSON.stringify(dead.RedriveAllowPolicy.sourceQueueArns)).toContain(
      ':membership-production-changes"',
    );
    for (const each of queues.values()) expect(each.KmsMasterKeyId).toBeDefined();
    const policies = propertiesOf(stack, 'AWS::SQS::QueuePolicy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    expect(policies.filter(({ Effect }: Properties) => Effect === 'Deny')).toHaveLength(2);
  });

  test('feeds its consumer in batches of which a part may fail, so many at a time', () => {
    const stack = stackOf('production', 'sync', centre);
    const [source] = propertiesOf(stack, 'AWS::Lambda::EventSourceMapping');
    expect(source).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: sizes.consumersMax },
    });
    const [consumer] = propertiesOf(stack, 'AWS::Lambda::Function').filter(
      ({ Handler }) => Handler === 'apply-change.handler',
    );
    const [queue] = propertiesOf(stack, 'AWS::SQS::Queue').filter(
      ({ QueueName }) => QueueName === 'membership-production-changes',
    );
    expect(queue.VisibilityTimeout).toBeGreaterThanOrEqual(6 * consumer.Timeout);
    expect(consumer.ReservedConcurrentExecutions).toBeGreaterThanOrEqual(sizes.consumersMax);
  });

  test('starts the relay each minute, before the one before has ended, and the observer after it', () => {
    const stack = stackOf('production', 'relay', centre);
    const rules = propertiesOf(stack, 'AWS::Events::Rule');
    const started = rules.map(({ ScheduleExpression, Targets }) => {
      const alias = stack.resources[Targets[0].Arn.Ref]?.Properties;
      const fn = stack.resources[alias?.FunctionName.Ref]?.Properties;
      return [fn.Handler, ScheduleExpression, fn.Timeout, fn.ReservedConcurrentExecutions];
    });
    expect(started).toEqual([
      ['relay-outbox.handler', 'rate(1 minute)', 68, 3],
      ['observe-consistency.handler', 'rate(4 minutes)', 320, 3],
    ]);
    for (const { Targets } of rules) expect(Targets[0].RetryPolicy.MaximumEventAgeInSeconds).toBe(60);
  });
});

describe.each(centreNames)('the promotion of centre %s', (centre) => {
  const stack = () => stackOf('production', 'promotion', centre);
  const other = otherCentre(centre);
  const promotion = () =>
    propertiesOf(stack(), 'AWS::Lambda::Function').find(
      ({ Handler }) => Handler === 'promote-writer.handler',
    );
  const allowed = (action: string): readonly string[] =>
    propertiesOf(stack(), 'AWS::IAM::Policy')
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }: Properties) => [Action].flat().includes(action))
      .flatMap(({ Resource }: Properties) => [Resource].flat())
      .map((resource) => JSON.stringify(resource));

  test('may move the writers of every database cluster, and publish that in both centres', () => {
    const clusters = databaseClusters(stages.production);
    expect(clusters).toHaveLength(8);
    for (const name of clusters) {
      for (const action of ['rds:SwitchoverGlobalCluster', 'rds:FailoverGlobalCluster']) {
        const arns = allowed(action);
        expect(arns.some((arn) => arn.includes(`:global-cluster:membership-production-${name}"`))).toBe(true);
        for (const at of ['a', 'b'])
          expect(arns.some((arn) => arn.includes(`:cluster:membership-production-${name}-${at}"`))).toBe(
            true,
          );
      }
    }
    const documents = allowed('ssm:PutParameter');
    for (const at of centreNames)
      expect(documents.some((arn) => arn.includes(`parameter/membership/production/${at}/topology`))).toBe(
        true,
      );
    expect(allowed('dynamodb:UpdateItem')).toHaveLength(1);
  });

  test('is told both halves of each of them, and the other centre’s documents by their own endpoint', () => {
    const { GLOBAL_CLUSTERS, OTHER_PARAMETERS } = promotion().Environment.Variables;
    const told = JSON.stringify(GLOBAL_CLUSTERS);
    for (const name of databaseClusters(stages.production)) {
      for (const at of ['a', 'b']) expect(told).toContain(`:cluster:membership-production-${name}-${at}\\"`);
    }
    const documents = JSON.stringify(OTHER_PARAMETERS);
    expect(documents).toContain(`/membership/production/${other}/topology`);
    expect(documents).toContain(`${other}networkendpointsssm`);
  });

  test('is invoked by nobody but an operator, once at a time, for as long as a function may run', () => {
    expect(propertiesOf(stack(), 'AWS::Events::Rule')).toEqual([]);
    expect(propertiesOf(stack(), 'AWS::Lambda::Permission')).toEqual([]);
    expect(promotion()).toMatchObject({ Timeout: 900, ReservedConcurrentExecutions: 1 });
  });
});

describe('routing, at the witness', () => {
  const stack = () => stackOf('production', 'routing', 'witness');
  const checks = () => resourcesOf(stack(), 'AWS::Route53::HealthCheck');

  test('asks each centre’s health name, and sums both up', () => {
    const asked = checks().filter(([, { Properties: of }]) => of.HealthCheckConfig.Type === 'HTTPS');
    expect(asked.map(([, { Properties: of }]) => of.HealthCheckConfig)).toMatchObject(
      centreNames.map((centre) => ({
        FullyQualifiedDomainName: `health-${centre.toLowerCase()}.${domain?.zoneName}`,
        ResourcePath: healthCheck.path,
        RequestInterval: healthCheck.requestIntervalSeconds,
        FailureThreshold: healthCheck.failureThreshold,
        EnableSNI: true,
      })),
    );
    const [, sum] =
      checks().find(([, { Properties: of }]) => of.HealthCheckConfig.Type === 'CALCULATED') ?? [];
    expect(sum?.Properties.HealthCheckConfig.ChildHealthChecks).toHaveLength(2);
    expect(sum?.Properties.HealthCheckConfig.HealthThreshold).toBe(1);
  });

  test('leads the order path to A, and to B when A is not well; the marketing lane to both', () => {
    const records = propertiesOf(stack(), 'AWS::Route53::RecordSet');
    const shared = (lane: string) => records.filter(({ Name }) => Name === `${lane}.${domain?.zoneName}`);
    expect(shared('critical').map(({ SetIdentifier, Failover }) => [SetIdentifier, Failover])).toEqual([
      ['A', 'PRIMARY'],
      ['B', 'SECONDARY'],
    ]);
    expect(shared('marketing').map(({ SetIdentifier, Weight }) => [SetIdentifier, Weight])).toEqual([
      ['A', 50],
      ['B', 50],
    ]);
    for (const lane of lanes) {
      for (const { HealthCheckId, AliasTarget, SetIdentifier } of shared(lane)) {
        const id = HealthCheckId['Fn::GetAtt'][0];
        const name = stack().resources[id]?.Properties.HealthCheckConfig.FullyQualifiedDomainName;
        expect(name).toBe(`health-${String(SetIdentifier).toLowerCase()}.${domain?.zoneName}`);
        expect(AliasTarget.DNSName.Ref).toContain(`${SetIdentifier}api${lane}sharedtarget`);
      }
    }
  });

  test('each centre has names of its own, for who chooses by himself', () => {
    const names = propertiesOf(stack(), 'AWS::Route53::RecordSet').map(({ Name }) => Name);
    for (const centre of ['a', 'b']) {
      for (const api of [...lanes, 'health']) expect(names).toContain(`${api}-${centre}.${domain?.zoneName}`);
    }
  });
});

/** Walks every IAM statement of every template: no wildcard without a written reason, kept beside it. */
import { expect, test } from 'vitest';
import { stageNames } from '../../infra/centre.ts';
import { type Properties, type Resource, type Stack, stacksOf } from './synthesis.ts';

interface Found {
  readonly where: string;
  readonly resource: Resource;
  readonly statement: Properties;
}

/** Statements of roles, policies, keys, queues, domains, endpoints: wherever a document of them stands. */
function statementsOf({ name, resources }: Stack): readonly Found[] {
  const walk = (value: unknown): readonly Properties[] => {
    if (Array.isArray(value)) return value.flatMap(walk);
    if (typeof value !== 'object' || value === null) return [];
    const { Statement: own, ...others } = value as Properties;
    return [...(own === undefined ? [] : [own].flat()), ...Object.values(others).flatMap(walk)];
  };
  return Object.entries(resources).flatMap(([id, resource]) =>
    walk(resource.Properties).map((statement) => ({ where: `${name} ${id}`, resource, statement })),
  );
}

const written = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': joined } = value as Properties;
  if (ref) return `<${ref}>`;
  if (attribute) return `<${attribute.join('.')}>`;
  if (joined) return joined[1].map(written).join('');
  return JSON.stringify(value);
};

const reasonsOf = ({ Metadata: metadata }: Resource): readonly string[] =>
  (metadata?.cdk_nag?.rules_to_suppress ?? []).map(({ id, reason }: { id: string; reason: string }) => {
    expect(reason.length).toBeGreaterThan(20);
    return id;
  });

/** What stands in a resource's own policy, `*` means that resource: nothing wider. */
const ownPolicies = new Set(['AWS::KMS::Key', 'AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy']);

test.each(stageNames)('the stage %s', (stage) => {
  const all = stacksOf(stage).flatMap(statementsOf);
  expect(all.length).toBeGreaterThan(50);
  const unexplained = all.flatMap(({ where, resource, statement }) => {
    if (statement.Effect !== 'Allow') return [];
    const reasons = reasonsOf(resource);
    const isOwn = ownPolicies.has(resource.Type);
    const actions = [statement.Action].flat().map(written);
    const resources = [statement.Resource ?? []].flat().map(written);
    const wide = [
      ...(isOwn ? [] : actions.filter((action) => action.includes('*')).map((action) => `Action::${action}`)),
      ...(isOwn ? [] : resources.filter((name) => name.includes('*')).map((name) => `Resource::${name}`)),
    ].filter((each) => !reasons.includes(`AwsSolutions-IAM5[${each}]`));
    const isForAll = JSON.stringify(statement.Principal ?? '').includes('"*"') && !statement.Condition;
    const isExplained = reasons.some((id) => /AwsSolutions-(OS5|SQS4|S10)/.test(id));
    return [
      ...wide.map((each) => `${where}: ${each}`),
      ...(isForAll && !isExplained ? [`${where}: for everybody`] : []),
      ...(statement.NotAction || statement.NotResource || statement.NotPrincipal
        ? [`${where}: by exception`]
        : []),
    ];
  });
  expect(unexplained).toEqual([]);
});

import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Why a finding of the checks (cdk-nag, `AwsSolutions-...`) stands, for this construct and all below it. It is kept in
 * the template beside what it is about; the test of IAM statements reads it there.
 */
export function accept(construct: IConstruct, findings: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(findings)) {
    Validations.of(construct).acknowledge({ id: `AwsSolutions-${id}`, reason });
  }
}

/** The same for a resource with a wildcard in it, as a statement below `construct` has it. */
export function acceptWildcards(construct: IConstruct, arns: readonly string[], reason: string): void {
  for (const arn of arns) accept(construct, { [`IAM5[Resource::${written(construct, arn)}]`]: reason });
}

/** As the checks write an ARN: what is known only when it is deployed stands in angle brackets. */
function written(construct: IConstruct, arn: string): string {
  const resolved: unknown = Stack.of(construct).resolve(arn);
  if (typeof resolved === 'string') return resolved;
  const parts = (resolved as { 'Fn::Join': [string, ({ Ref: string } | string)[]] })['Fn::Join'][1];
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
}

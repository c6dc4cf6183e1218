import { Validations } from 'aws-cdk-lib';
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

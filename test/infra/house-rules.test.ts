/** What holds of every template of every stage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { addChecks } from '../../infra/app.ts';
import { stageNames } from '../../infra/centre.ts';
import { readReport, stacksOf } from './synthesis.ts';

/** In a template, or in a document that it holds as text. */
const servicePrincipals = /\\?"(Service|Principal)\\?": ?\\?"[a-z.-]+\.amazonaws\.com\\?"/g;

describe.each(stageNames)('the stage %s', (stage) => {
  test('has no finding of cdk-nag without its reason', () => {
    const findings = readReport(stage).pluginReports.flatMap(
      ({
        violations,
      }: {
        violations: { ruleName: string; violatingConstructs: { constructPath: string }[] }[];
      }) =>
        violations.map(({ ruleName, violatingConstructs }) => [
          ruleName,
          violatingConstructs.map(({ constructPath }) => constructPath),
        ]),
    );
    expect(findings).toEqual([]);
    // Not because nobody looked.
    expect(stacksOf(stage).some(({ text }) => text.includes('rules_to_suppress'))).toBe(true);
  });

  test('names no partition: it may be deployed to any', () => {
    for (const { name, text } of stacksOf(stage)) {
      expect(text, name).not.toMatch(/arn:aws[^:$]*:/);
      // But the principals of services, which have the same name everywhere.
      expect(text.replaceAll(servicePrincipals, ''), name).not.toMatch(/amazonaws\.com/);
    }
  });

  test('ties no stack to another by a reference: endpoints pass through parameters', () => {
    for (const { name, text } of stacksOf(stage)) {
      expect(text, name).not.toMatch(/Fn::ImportValue|Fn::GetStackOutput|"Export"/);
    }
  });

  test('encrypts every log with a key of its place, but those of what only deploys', () => {
    const plain = stacksOf(stage).flatMap(({ name, resources }) =>
      Object.entries(resources)
        .filter(([, { Type, Properties: found }]) => Type === 'AWS::Logs::LogGroup' && !found?.KmsKeyId)
        .map(([id]) => `${name} ${id}`),
    );
    expect(plain.filter((id) => !/(Replicator|Filler|Opener|Writer|Preparer|Rotator)Logs/.test(id))).toEqual(
      [],
    );
  });

  test('has every resource type that is expected of each stack, and no other', () => {
    const types = Object.fromEntries(
      stacksOf(stage).map(({ name, resources }) => [
        name,
        [...new Set(Object.values(resources).map(({ Type }) => Type))].sort(),
      ]),
    );
    expect(types).toMatchSnapshot();
  });
});

test('an open security group is found: the checks are really asked', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'membership-checks-'));
  const app = addChecks(new App({ outdir, analyticsReporting: false }));
  new CfnSecurityGroup(new Stack(app, 'planted'), 'Open', {
    groupDescription: 'open',
    securityGroupIngress: [{ ipProtocol: 'tcp', fromPort: 22, toPort: 22, cidrIp: '0.0.0.0/0' }],
  });
  expect(() => app.synth()).toThrow(/AwsSolutions-EC23/);
  process.exitCode = 0;
  rmSync(outdir, { recursive: true });
});

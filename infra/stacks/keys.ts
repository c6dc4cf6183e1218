import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { PlaceName, StageSettings } from '../centre.ts';
import { publish } from '../constructs/published.ts';
import { keyAlias, stackName } from '../names.ts';

/**
 * The customer's key of a place: whatever rests there is encrypted with it. One in each region, so that the loss of a
 * region takes no other's data with it.
 *
 * Publishes `key` (its ARN).
 */
export class KeysStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, place: PlaceName) {
    super(scope, stackName(settings, 'keys', place), placeOf(settings, place));
    const key = new Key(this, 'Key', {
      description: `Encrypts what rests in ${place} of membership ${settings.stage}.`,
      enableKeyRotation: true,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    new Alias(this, 'Alias', { aliasName: keyAlias(settings), targetKey: key });
    // Log groups name their key themselves; the context keeps others' groups from it.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${this.region}.${this.urlSuffix}`)],
        actions: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        resources: ['*'],
        conditions: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': this.formatArn({
              service: 'logs',
              resource: 'log-group',
              resourceName: '*',
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          },
        },
      }),
    );
    // Alarms tell of themselves over a topic that it encrypts.
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    publish(this, settings, place, { key: key.keyArn });
  }
}

/** Where a place's stacks are deployed. */
export const placeOf = ({ account, places, stage }: StageSettings, place: PlaceName) => ({
  env: { region: places[place].region, ...(account !== undefined && { account }) },
  tags: { application: 'membership', stage, place },
});

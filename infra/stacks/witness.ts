import { CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { firstEpoch } from '../../functions/core/failover/epoch.ts';
import type { StageSettings } from '../centre.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { publish, published } from '../constructs/published.ts';
import { stackName, witnessTable } from '../names.ts';
import { placeOf } from './keys.ts';

/**
 * The witness: a third place, which holds one item that is changed only by conditional updates. Neither centre needs it
 * for anything but to renew a lease when the other one is away, and to be promoted.
 *
 * Publishes `witness/table` (its ARN).
 */
export class WitnessStack extends Stack {
  constructor(scope: Construct, settings: StageSettings) {
    super(scope, stackName(settings, 'witness', 'witness'), placeOf(settings, 'witness'));
    const encryptionKey = Key.fromKeyArn(this, 'PlaceKey', published(this, settings, 'witness', 'key'));
    const table = new Table(this, 'Register', {
      tableName: witnessTable(settings),
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: settings.keepsData,
      removalPolicy: settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const opener = new DeployFunction(this, 'Opener', {
      settings,
      entry: 'prepare-witness',
      description: 'Puts the first epoch into the register, once.',
      timeout: Duration.minutes(1),
    });
    opener.function.addToRolePolicy(
      new PolicyStatement({ actions: ['dynamodb:PutItem'], resources: [table.tableArn] }),
    );
    opener.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [encryptionKey.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${this.region}.${this.urlSuffix}` } },
      }),
    );
    new CustomResource(this, 'FirstEpoch', {
      resourceType: 'Custom::FirstEpoch',
      serviceToken: opener.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { region: this.region, table: table.tableName, ...firstEpoch },
    });
    publish(this, settings, 'witness', { 'witness/table': table.tableArn });
  }
}

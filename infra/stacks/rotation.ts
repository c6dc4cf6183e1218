import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { centreNames } from '../../functions/core/propagation/event.ts';
import type { StageSettings } from '../centre.ts';
import { acceptWildcards } from '../constructs/accept.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { parameterName, stackName } from '../names.ts';
import { placeOf } from './keys.ts';
import { networkOf } from './network.ts';
import { secretArn, useOfKey } from './secrets.ts';

/**
 * The rotation of the databases' passwords: of every database cluster and of both journals, since they share them. It runs
 * where the secrets are changed, in A, and reaches B's journal, and B's writers after a promotion, through peering.
 */
export class RotationStack extends Stack {
  constructor(scope: Construct, settings: StageSettings) {
    super(scope, stackName(settings, 'rotation', 'A'), placeOf(settings, 'A'));
    const { authoritiesFile, passwordRotationDays } = settings.database;
    const arnOf = (name: 'database' | 'database-admin' | 'database-1' | 'database-2') =>
      secretArn(this, settings, 'A', name);
    const paths = centreNames.map((centre) => parameterName(settings, centre, 'database'));
    const rotator = new DeployFunction(this, 'Rotator', {
      settings,
      entry: 'rotate-database-password',
      description: 'Gives the databases new passwords, a step at a time.',
      timeout: Duration.minutes(5),
      network: networkOf(this, settings, 'A').forFunctions(),
      environment: {
        REGION: this.region,
        ...(authoritiesFile !== undefined && { AUTHORITIES: authoritiesFile }),
        ADMIN: arnOf('database-admin'),
        USER_1: arnOf('database-1'),
        USER_2: arnOf('database-2'),
        PATHS: JSON.stringify(paths),
      },
    });
    const rotated = [arnOf('database'), arnOf('database-admin')];
    const allow = (actions: string[], resources: string[]) =>
      rotator.function.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(
      [
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:DescribeSecret',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      rotated,
    );
    allow(['secretsmanager:PutSecretValue'], [arnOf('database-1'), arnOf('database-2')]);
    rotator.function.addToRolePolicy(useOfKey(this, settings, 'A'));
    const published = paths.map((path) =>
      this.formatArn({ service: 'ssm', resource: 'parameter', resourceName: path.slice(1) }),
    );
    const below = published.map((arn) => `${arn}/*`);
    allow(['ssm:GetParametersByPath'], [...published, ...below]);
    acceptWildcards(
      rotator,
      below,
      'The addresses of the databases, which it finds by their path: nothing but addresses is there.',
    );
    const mayCall = rotator.function.addPermission.bind(rotator.function);
    mayCall('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: this.account,
    });
    for (const secret of rotated) {
      const schedule = new CfnRotationSchedule(this, `Schedule-${rotated.indexOf(secret)}`, {
        secretId: secret,
        rotationLambdaArn: rotator.functionArn,
        rotationRules: { automaticallyAfterDays: passwordRotationDays },
        rotateImmediatelyOnUpdate: false,
      });
      schedule.node.addDependency(rotator);
    }
  }
}

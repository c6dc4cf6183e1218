import { type Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { StageSettings } from '../centre.ts';
import { accept } from './accept.ts';
import { functionCode } from './function-code.ts';

export interface DeployFunctionProps {
  readonly settings: StageSettings;
  /** The file in `functions/`, without its ending. */
  readonly entry: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it runs; outside of any network when not given. */
  readonly network?: { vpc: IVpc; vpcSubnets: SubnetSelection; securityGroups: ISecurityGroup[] };
}

/** A function that CloudFormation calls while it deploys, never a request. */
export class DeployFunction extends Construct {
  readonly function: LambdaFunction;
  readonly functionArn: string;

  constructor(stack: Stack, id: string, props: DeployFunctionProps) {
    super(stack, id);
    const { settings, entry, network } = props;
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const logGroup = new LogGroup(this, 'Logs', {
      retention: settings.logDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    if (network) allowNetworkInterfaces(role);
    this.function = new LambdaFunction(this, 'Function', {
      description: props.description,
      runtime: Runtime.NODEJS_22_X,
      architecture: Architecture.ARM_64,
      code: functionCode(),
      handler: `${entry}.handler`,
      memorySize: 512,
      timeout: props.timeout,
      role,
      logGroup,
      environment: { ...props.environment },
      ...network,
    });
    this.function.node.addDependency(role);
    this.functionArn = this.function.functionArn;
    accept(this.function, {
      L1: 'Node 22 is what the project is tested with; a newer one comes with the tests, not with the library.',
    });
  }
}

/**
 * What Lambda needs to give a function addresses in a network. EC2 knows no resources for these actions.
 * @public
 */
export function allowNetworkInterfaces(role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSubnets',
        'ec2:AssignPrivateIpAddresses',
        'ec2:UnassignPrivateIpAddresses',
      ],
      resources: ['*'],
    }),
  );
  accept(role, {
    'IAM5[Resource::*]':
      "Lambda's network interfaces: they have no name before they are made, and the describing actions take no resource.",
  });
}

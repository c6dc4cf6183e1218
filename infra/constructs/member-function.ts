import { type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Architecture,
  type IVersion,
  Function as LambdaFunction,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { VariableName } from '../../functions/runtime/env.ts';
import type { StageSettings } from '../centre.ts';
import { functionName } from '../names.ts';
import { accept } from './accept.ts';
import { allowNetworkInterfaces } from './deploy-function.ts';
import { functionCode } from './function-code.ts';

export interface FunctionNetwork {
  readonly vpc: IVpc;
  readonly vpcSubnets: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];
}

export interface MemberFunctionProps {
  readonly settings: StageSettings;
  readonly centre: CentreName;
  readonly lane: Lane;
  /** The file in `functions/`, without its ending. */
  readonly entry: string;
  readonly timeout: Duration;
  /** How many environments it may have at once, whatever comes: its share of the account's. */
  readonly environmentsMax: number;
  /** How many of them always stand ready. */
  readonly environmentsWarm?: number;
  readonly network: FunctionNetwork;
  /** Encrypts its variables and its log. */
  readonly key: IKey;
}

/** The alias that everything calls: what is deployed stands behind it once it is whole. */
const liveAlias = 'live';

/**
 * A function of the service, with the house's defaults. It has no permission and none of its variables before it is
 * granted them: see `grants.ts`, where each variable comes with the permission to use what it names.
 */
export class MemberFunction extends Construct {
  readonly function: LambdaFunction;
  readonly live: Alias;
  readonly props: MemberFunctionProps;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: MemberFunctionProps) {
    super(scope, id);
    this.props = props;
    const { settings, centre, lane, entry, key } = props;
    const { functions } = settings;
    const name = functionName(settings, entry, lane);
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `Of ${entry} on the ${lane} lane, centre ${centre}.`,
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${name}`,
      retention: settings.logDays as RetentionDays,
      encryptionKey: key,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    // Its variables are encrypted.
    this.allow(['kms:Decrypt'], [key.keyArn]);
    allowNetworkInterfaces(this.role);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: name,
      description: `${entry}, ${lane} lane, centre ${centre} of membership ${settings.stage}.`,
      runtime: Runtime.NODEJS_22_X,
      architecture: functions.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: functionCode(),
      handler: `${entry}.handler`,
      memorySize: functions.memoryMb,
      timeout: props.timeout,
      reservedConcurrentExecutions: props.environmentsMax,
      role: this.role,
      logGroup,
      environmentEncryption: key,
      ...props.network,
    });
    // Otherwise the first environments could begin without what their role allows.
    this.function.node.addDependency(this.role);
    accept(this.function, {
      L1: 'Node 22 is what the project is tested with; a newer one comes with the tests, not with the library.',
    });
    this.setVariable('CENTRE', centre);
    this.setVariable('LANE', lane);
    // Changes nothing by itself: a version of a function begins new environments, which read their secrets anew.
    this.function.addEnvironment('GENERATION', String(functions.generation));
    this.live = new Alias(this, 'Live', {
      aliasName: liveAlias,
      version: this.function.currentVersion as IVersion,
      ...(props.environmentsWarm && { provisionedConcurrentExecutions: props.environmentsWarm }),
    });
  }

  setVariable(name: VariableName | 'STORED_VARIABLES', value: string): void {
    this.function.addEnvironment(name, value);
  }

  allow(actions: readonly string[], resources: readonly string[]): void {
    this.allowBy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }

  allowBy(statement: PolicyStatement): void {
    this.role.addToPolicy(statement);
  }

  get stack(): Stack {
    return Stack.of(this);
  }
}

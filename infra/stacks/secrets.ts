import { ArnFormat, CustomResource, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { PlaceName, StageSettings } from '../centre.ts';
import { accept } from '../constructs/accept.ts';
import { DeployFunction } from '../constructs/deploy-function.ts';
import { publish, published } from '../constructs/published.ts';
import { apiDomains, type SecretName, secretName, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** Whom each secret's password is for; null: what it holds is made by the function below. */
const users: Readonly<Record<SecretName, string | null>> = {
  'database-admin': 'membership_admin',
  'database-1': 'membership_1',
  'database-2': 'membership_2',
  database: null,
  cache: 'membership',
  'search-admin': 'membership_admin',
  search: 'membership',
  keyring: null,
  observer: null,
};

const notRotated: Readonly<Partial<Record<SecretName, string>>> = {
  'database-1': 'Changed by the rotation of the secret `database`, which takes its two users in turns.',
  'database-2': 'Changed by the rotation of the secret `database`, which takes its two users in turns.',
  cache: 'Two passwords are valid at once while an operator changes it: docs/deployment.md.',
  'search-admin': 'Changed by an operator, with the domain: docs/deployment.md.',
  search: 'Changed by an operator: docs/deployment.md.',
  observer: 'A caller’s key, changed like any other: docs/callers.md.',
  keyring: 'Its keys have a rotation of their own, which walks over all data: docs/keys.md.',
};

const passwordCharacters = 40;

/**
 * The secrets of the installation: in A, and copied to B by Secrets Manager itself, each encrypted with the place's own
 * key. What is lost with A is the right to change them, until B's copies are made independent.
 *
 * The database's users 1 and 2 take turns: `database` holds the one in use, and its rotation gives the other a new
 * password before it changes over. So functions that still hold the former one go on working until the next rotation.
 *
 * Publishes `secrets/NAME`: what follows `secret:` in its ARN, in either region.
 */
export class SecretsStack extends Stack {
  constructor(scope: Construct, settings: StageSettings) {
    super(scope, stackName(settings, 'secrets', 'A'), placeOf(settings, 'A'));
    const made = (Object.entries(users) as [SecretName, string | null][]).map(([name, user]) => {
      const secret = new CfnSecret(this, name, {
        name: secretName(settings, name),
        description: `The ${name} secret of membership ${settings.stage}.`,
        kmsKeyId: published(this, settings, 'A', 'key'),
        generateSecretString: {
          secretStringTemplate: JSON.stringify(
            name === 'observer' ? { urls: observedUrls(settings) } : user === null ? {} : { username: user },
          ),
          generateStringKey: name === 'observer' ? 'key' : 'password',
          passwordLength: passwordCharacters,
          excludePunctuation: true,
        },
        replicaRegions: [
          { region: settings.places.B.region, kmsKeyId: published(this, settings, 'B', 'key') },
        ],
      });
      secret.applyRemovalPolicy(settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
      const reason = notRotated[name];
      if (reason) accept(secret, { SMG4: reason });
      else
        accept(secret, {
          SMG4: "Rotated: its schedule stands in the database's stack, behind the databases.",
        });
      return [name, secret] as const;
    });
    this.#fill(settings, new Map(made));
    publish(
      this,
      settings,
      'A',
      Object.fromEntries(
        made.map(([name, { attrId }]) => [`secrets/${name}`, Fn.select(6, Fn.split(':', attrId))]),
      ),
    );
  }

  /** Gives the keyring its keys, once, and says which user of the database is the first. */
  #fill(settings: StageSettings, secrets: ReadonlyMap<SecretName, CfnSecret>): void {
    const arnOf = (name: SecretName) => secrets.get(name)?.attrId ?? '';
    const filler = new DeployFunction(this, 'Filler', {
      settings,
      entry: 'prepare-secrets',
      description: 'Makes the keyring, once, and names the first user of the database.',
      timeout: Duration.minutes(1),
    });
    filler.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [arnOf('keyring'), arnOf('database'), arnOf('database-1')],
      }),
    );
    filler.function.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:PutSecretValue'],
        resources: [arnOf('keyring'), arnOf('database')],
      }),
    );
    filler.function.addToRolePolicy(useOfKey(this, settings, 'A'));
    new CustomResource(this, 'Filled', {
      resourceType: 'Custom::FilledSecrets',
      serviceToken: filler.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        region: this.region,
        keyring: arnOf('keyring'),
        database: arnOf('database'),
        firstUser: arnOf('database-1'),
      },
    });
  }
}

/** Where the observer asks: each centre's own name. Without names an operator sets what the APIs' addresses came to be. */
const observedUrls = ({ domain }: StageSettings): Readonly<Record<CentreName, string>> => {
  const urlOf = (centre: CentreName) =>
    domain ? `https://${apiDomains(domain, 'critical', centre).own}` : 'https://unset.invalid';
  return { A: urlOf('A'), B: urlOf('B') };
};

/** For who reads or writes secrets of a place, through Secrets Manager alone. */
export const useOfKey = (stack: Stack, settings: StageSettings, place: PlaceName): PolicyStatement =>
  new PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [published(stack, settings, place, 'key')],
    conditions: {
      StringEquals: {
        'kms:ViaService': `secretsmanager.${settings.places[place].region}.${stack.urlSuffix}`,
      },
    },
  });

/** A secret's ARN, as it stands in the region of `centre`. */
export const secretArn = (
  stack: Stack,
  settings: StageSettings,
  centre: CentreName,
  name: SecretName,
): string =>
  stack.formatArn({
    service: 'secretsmanager',
    region: settings.places[centre].region,
    resource: 'secret',
    resourceName: published(stack, settings, 'A', `secrets/${name}`),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** A password where CloudFormation needs it: read from the place's own copy when it deploys, and never in a template. */
export const passwordOf = (settings: StageSettings, name: SecretName): string =>
  `{{resolve:secretsmanager:${secretName(settings, name)}:SecretString:password}}`;

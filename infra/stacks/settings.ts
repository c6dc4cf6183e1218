import { RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import type { VariableName } from '../../functions/runtime/env.ts';
import { cacheNames, databaseClusters, type StageSettings, searchNames } from '../centre.ts';
import { accept } from '../constructs/accept.ts';
import { publish, published } from '../constructs/published.ts';
import { settingsSecret, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** The variables that would not fit into a function's environment of 4 KB where there are many database clusters. */
export const longVariables = [
  'SHARD_MAP',
  'DATABASES',
  'JOURNALS',
  'CACHES',
  'SEARCH',
] as const satisfies VariableName[];

/**
 * Where everything is that a centre's functions talk to, as one document that they read when they begin. In a secret,
 * although it is none: Secrets Manager answers as many at once as may begin at once, the parameter store only tens.
 *
 * Publishes `secrets/settings`: its ARN.
 */
export class SettingsStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'settings', centre), placeOf(settings, centre));
    const secret = new Secret(this, 'Settings', {
      secretName: settingsSecret(settings, centre),
      description: `Where the parts are that the functions of centre ${centre} talk to.`,
      encryptionKey: Key.fromKeyArn(this, 'PlaceKey', published(this, settings, centre, 'key')),
      secretStringValue: SecretValue.unsafePlainText(this.toJsonString(this.#variables(settings))),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    publish(this, settings, centre, { 'secrets/settings': secret.secretArn });
    accept(secret, { SMG4: 'It holds addresses, which change when the stacks that publish them do.' });
  }

  #variables(settings: StageSettings): Readonly<Record<(typeof longVariables)[number], unknown>> {
    const read = (place: CentreName, name: string) => published(this, settings, place, name);
    const named = <Name extends string>(names: readonly Name[], value: (name: Name) => unknown) =>
      Object.fromEntries(names.map((name) => [name, value(name)]));
    const { servers, shardMap } = settings.database;
    const replicas = Array.from({ length: servers.B }, (_, index) => `r${index}`);
    return {
      SHARD_MAP: shardMap,
      DATABASES: named(databaseClusters(settings), (cluster) => ({
        writers: named(centreNames, (at) => read(at, `database/${cluster}/writer`)),
        replicas: { A: {}, B: named(replicas, (name) => read('B', `database/${cluster}/replicas/${name}`)) },
      })),
      JOURNALS: named(centreNames, (at) => read(at, 'database/journal')),
      CACHES: named(centreNames, (at) =>
        named(cacheNames(settings, at), (name) => read(at, `cache/${name}/url`)),
      ),
      SEARCH: named(searchNames, (name) => {
        const at = settings.search[name].centre;
        return { url: read(at, `search/${name}/url`), centre: at };
      }),
    };
  }
}

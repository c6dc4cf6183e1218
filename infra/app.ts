/**
 * An installation of the service: both centres and the witness. Read it from the top: that is the order in which it is
 * deployed, data first in both centres, then functions.
 *
 * No stack refers to another: what one needs of another it reads from parameters (`constructs/published.ts`), or knows by
 * name (`names.ts`). So each can be changed, rolled back and removed by itself; the order is all that ties them.
 */
import { App, type AppProps, type Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { centreNames } from '../functions/core/propagation/event.ts';
import { placeNames, type StageSettings } from './centre.ts';
import { ApiStack } from './stacks/api.ts';
import { CacheStack } from './stacks/cache.ts';
import { DatabaseStack } from './stacks/database.ts';
import { DocumentsStack } from './stacks/documents.ts';
import { KeysStack } from './stacks/keys.ts';
import { NetworkStack } from './stacks/network.ts';
import { ObservabilityStack, OverviewStack } from './stacks/observability.ts';
import { PeeringStack } from './stacks/peering.ts';
import { PromotionStack } from './stacks/promotion.ts';
import { RelayStack } from './stacks/relay.ts';
import { RotationStack } from './stacks/rotation.ts';
import { RoutingStack } from './stacks/routing.ts';
import { SearchStack } from './stacks/search.ts';
import { SecretsStack } from './stacks/secrets.ts';
import { SettingsStack } from './stacks/settings.ts';
import { SyncStack } from './stacks/sync.ts';
import { WitnessStack } from './stacks/witness.ts';

export function makeApp(settings: StageSettings, props: AppProps = {}): App {
  const context = { ...flags, ...props.context };
  const app = addChecks(new App({ analyticsReporting: false, ...props, context }));
  const next = inOrder();

  next(...placeNames.map((place) => new KeysStack(app, settings, place)));
  next(...placeNames.map((place) => new NetworkStack(app, settings, place)));
  // One after the other: each needs what the one before it asked for.
  for (const place of placeNames) next(new PeeringStack(app, settings, place));

  next(new SecretsStack(app, settings), new WitnessStack(app, settings));
  // A's databases come first: B's are replicas of them.
  for (const centre of centreNames) next(new DatabaseStack(app, settings, centre));
  next(
    new RotationStack(app, settings),
    ...centreNames.map((centre) => new CacheStack(app, settings, centre)),
    ...centreNames.map((centre) => new SearchStack(app, settings, centre)),
    ...centreNames.map((centre) => new DocumentsStack(app, settings, centre)),
  );

  next(...centreNames.map((centre) => new SettingsStack(app, settings, centre)));
  next(...centreNames.map((centre) => new SyncStack(app, settings, centre)));
  next(
    ...centreNames.map((centre) => new RelayStack(app, settings, centre)),
    ...centreNames.map((centre) => new PromotionStack(app, settings, centre)),
    ...centreNames.map((centre) => new ApiStack(app, settings, centre)),
  );
  next(
    ...(settings.domain ? [new RoutingStack(app, settings, settings.domain)] : []),
    ...centreNames.map((centre) => new ObservabilityStack(app, settings, centre)),
    new OverviewStack(app, settings),
  );
  return app;
}

/** Every synthesis is checked. Reasons for what stands are kept in the templates, beside what they are about. */
export function addChecks(app: App): App {
  Validations.of(app).acknowledge(
    {
      id: 'CloudFormation-Validate::W3010',
      reason: 'Zones are a setting: three of a region, the same ones for networks, databases and caches.',
    },
    {
      id: 'CloudFormation-Validate::W2001',
      reason:
        'The library reads a network with its id, which a stack that only puts functions there does not use.',
    },
  );
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { writeSuppressionsToCloudFormation: true }));
  return app;
}

/** Each call's stacks are deployed after those of the calls before it. */
function inOrder() {
  let before: readonly Stack[] = [];
  return <Stacks extends readonly Stack[]>(...stacks: Stacks): Stacks => {
    for (const stack of stacks) for (const earlier of before) stack.addStackDependency(earlier);
    before = stacks;
    return stacks;
  };
}

/** How the library behaves where it has changed its mind. */
const flags = {
  // What the checks find fails the synthesis: nothing is deployed without its reason.
  '@aws-cdk/core:failSynthOnValidationErrors': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:enablePartitionLiterals': false,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/aws-lambda:useCdkManagedLogGroup': true,
} as const;

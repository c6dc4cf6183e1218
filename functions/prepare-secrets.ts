import { fillSecrets, parseSecretNames } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Makes the keyring, once, and names the first user of the databases. CloudFormation calls it. */
export const handler = customResource(parseSecretNames, fillSecrets);

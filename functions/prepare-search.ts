import { parseSearch, prepareSearchClusters } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Brings templates, indexes, aliases and the service's user of a centre's search clusters up to date. CloudFormation calls it. */
export const handler = customResource(parseSearch, prepareSearchClusters);

import { parseTopologyDocument, writeFirstTopology } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Writes a centre's first topology, unless a newer one stands. CloudFormation calls it. */
export const handler = customResource(parseTopologyDocument, writeFirstTopology);

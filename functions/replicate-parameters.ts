import { keepCopies, parseCopies } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Keeps copies of what a place's stacks publish in the other places' regions. CloudFormation calls it. */
export const handler = customResource(parseCopies, keepCopies);

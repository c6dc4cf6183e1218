import { openRegister, parseRegister } from './runtime/composition/deployment.ts';
import { customResource } from './runtime/custom-resource.ts';

/** Puts the first epoch into the witness's register, once. CloudFormation calls it. */
export const handler = customResource(parseRegister, openRegister);

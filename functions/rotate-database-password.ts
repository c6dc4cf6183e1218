import type { SecretsManagerRotationEvent } from 'aws-lambda';
import { passwordRotation } from './runtime/composition/rotation.ts';

/** One step of a rotation of the databases' passwords. Secrets Manager calls it. */
export const handler = (event: SecretsManagerRotationEvent): Promise<void> => passwordRotation()(event);

/**
 * The environment that this process was started with, and what of it is stored elsewhere. Complete before any function
 * is called: a module that imports this one waits for it. Where it cannot be completed the environment does not begin,
 * and the platform starts another.
 */
import { makeSecretStore } from '../../adapters/secrets/secret-store.ts';
import { withStoredVariables } from '../stored-variables.ts';

const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;

export const environment = await withStoredVariables(process.env, (place) =>
  makeSecretStore({
    ...place,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
      sessionToken: AWS_SESSION_TOKEN,
    },
  }),
);

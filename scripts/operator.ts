/**
 * What the commands of operators share: where they find the service. They take the environment of a centre's functions
 * (`functions/runtime/env.ts`) when it is set, and otherwise that of the copy that runs on this machine.
 */
import type { CentreName } from '../functions/core/propagation/event.ts';
import { makeOperatorParts } from '../functions/runtime/composition/operator.ts';
import { readSettings, type Settings } from '../functions/runtime/env.ts';
import { homeDirectory } from './local/locations.ts';
import { keptVariables } from './local/service-secrets.ts';
import { readState } from './local/state.ts';

/** There is no service to work on. Its message tells what to do. */
export class NoService extends Error {
  readonly code = 'no-service';
}

/**
 * @param centre whose functions' settings are wanted of a copy on this machine
 * @throws NoService when nothing runs here and no environment is given
 * @throws SettingsInvalid when the environment that is given is not complete
 */
export function operatorSettings(centre: CentreName = 'A', environment = process.env): Settings {
  if (environment.CENTRE) return readSettings(environment);
  const directory = homeDirectory(environment);
  const variables = readState(directory) && keptVariables(directory, centre);
  if (!variables)
    throw new NoService(
      'Nothing runs here. "npm start" starts it; or set the environment of a centre\'s functions.',
    );
  // Nobody checks them here, but the clients of AWS send nothing without.
  for (const name of credentials) environment[name] ??= variables[name];
  return readSettings(variables);
}

const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

/** The service's parts for a command; they connect when they are used. A command ends with `process.exit`. */
export const operatorParts = (centre?: CentreName) => makeOperatorParts(operatorSettings(centre));

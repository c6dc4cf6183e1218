import type { Stack } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { StageSettings } from '../centre.ts';
import { networkOf } from '../stacks/network.ts';
import type { FunctionNetwork } from './member-function.ts';
import { published } from './published.ts';

/** What the functions of a stack share: the centre's key, and their place in its network. */
export function functionParts(
  stack: Stack,
  settings: StageSettings,
  centre: CentreName,
): { readonly key: IKey; readonly network: FunctionNetwork } {
  return {
    key: Key.fromKeyArn(stack, 'PlaceKey', published(stack, settings, centre, 'key')),
    network: networkOf(stack, settings, centre).forFunctions(),
  };
}

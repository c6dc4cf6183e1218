import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { StageSettings } from '../centre.ts';
import { functionParts } from '../constructs/function-parts.ts';
import { grantPromotion, grantUsual, grantWitness, nameQueues } from '../constructs/grants.ts';
import { MemberFunction } from '../constructs/member-function.ts';
import { stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** As long as a function may run. One that ends before Aurora has moved the writers is invoked again, and goes on. */
const timeout = Duration.minutes(15);

/** The function that promotes its centre. Nothing invokes it but an operator: `docs/promotion.md`. */
export class PromotionStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'promotion', centre), placeOf(settings, centre));
    const promotion = new MemberFunction(this, 'PromoteWriter', {
      settings,
      centre,
      lane: 'critical',
      entry: 'promote-writer',
      timeout,
      // Two at once would do no harm, and no good.
      environmentsMax: 1,
      ...functionParts(this, settings, centre),
    });
    grantUsual(promotion);
    nameQueues(promotion);
    grantWitness(promotion);
    grantPromotion(promotion);
  }
}

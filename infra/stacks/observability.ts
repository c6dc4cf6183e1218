import { Stack } from 'aws-cdk-lib';
import { Alarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { alarmsOf, comparisonOf, missingDataOf } from '../alarms.ts';
import type { StageSettings } from '../centre.ts';
import { published } from '../constructs/published.ts';
import { rowsOf, type ShownCentre } from '../dashboards.ts';
import { queueName, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** The alarms of a centre, whom they call, and its dashboard. */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'observability', centre), placeOf(settings, centre));
    const topic = new Topic(this, 'Topic', {
      topicName: `membership-${settings.stage}-alarms`,
      masterKey: Key.fromKeyArn(this, 'PlaceKey', published(this, settings, centre, 'key')),
      enforceSSL: true,
    });
    if (settings.alarmEmail) topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    const calls = new SnsAction(topic);
    const shown = shownCentre(this, settings, centre);
    for (const each of alarmsOf(settings, centre, shown.apiIds)) {
      const [datapointsToAlarm, evaluationPeriods] = each.minutes;
      const alarm = new Alarm(this, each.name, {
        alarmName: `membership-${settings.stage}-${centre.toLowerCase()}-${each.name}`,
        alarmDescription: `${each.says} See docs/operations.md, ${each.name}.`,
        metric: each.metric,
        threshold: each.threshold,
        comparisonOperator: comparisonOf(each),
        datapointsToAlarm,
        evaluationPeriods,
        treatMissingData: missingDataOf(each),
      });
      alarm.addAlarmAction(calls);
      alarm.addOkAction(calls);
    }
    new Dashboard(this, 'Dashboard', {
      dashboardName: `membership-${settings.stage}-${centre.toLowerCase()}`,
      widgets: rowsOf([shown]),
    });
  }
}

/** Both centres side by side. At the witness: to look at them must need neither. */
export class OverviewStack extends Stack {
  constructor(scope: Construct, settings: StageSettings) {
    super(scope, stackName(settings, 'overview', 'witness'), placeOf(settings, 'witness'));
    new Dashboard(this, 'Dashboard', {
      dashboardName: `membership-${settings.stage}`,
      widgets: rowsOf(centreNames.map((centre) => shownCentre(this, settings, centre))),
    });
  }
}

const shownCentre = (stack: Stack, settings: StageSettings, centre: CentreName): ShownCentre => ({
  name: centre,
  region: settings.places[centre].region,
  apiIds: {
    critical: published(stack, settings, centre, 'api/critical/id'),
    marketing: published(stack, settings, centre, 'api/marketing/id'),
  },
  queue: queueName(settings),
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { centreNames } from '../../functions/core/propagation/event.ts';
import { sectionOf } from '../../infra/alarms.ts';
import { propertiesOf, stackOf } from './synthesis.ts';

const documented = readFileSync('docs/operations.md', 'utf8');

/** What must be told of: the issue of every alarm is one of these. */
const topics = [
  ...[
    'availability-critical',
    'p99-reads',
    'p99-writes',
    'fresh-answers',
    'grants-lapsed',
    'redis-suspended',
  ],
  ...['journal-age', 'dead-letters', 'parts-out', 'hit-rate', 'replica-lag'],
];

const sections = new Map(
  documented
    .split(/^## /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')).replaceAll('`', ''), text] as const),
);

describe.each(centreNames)('centre %s', (centre) => {
  const stack = () => stackOf('production', 'observability', centre);
  const prefix = `membership-production-${centre.toLowerCase()}-`;
  const alarms = () =>
    propertiesOf(stack(), 'AWS::CloudWatch::Alarm').map((alarm) => ({
      ...alarm,
      name: String(alarm.AlarmName).slice(prefix.length),
    }));

  test('has an alarm for each thing that a person must know of', () => {
    expect(alarms().map(({ name }) => name)).toEqual(expect.arrayContaining(topics));
  });

  test('every alarm has its section, with what it says, what to look at and what to do', () => {
    for (const { name } of alarms()) {
      const text = sections.get(sectionOf(name));
      expect(text, name).toBeDefined();
      for (const part of ['**Description.**', '**Investigation.**', '**Resolution.**'])
        expect(text, `${name} ${part}`).toContain(part);
    }
  });

  test('calls somebody, when it rings and when it is over', () => {
    for (const { name, AlarmActions, OKActions } of alarms()) {
      expect(AlarmActions, name).toHaveLength(1);
      expect(OKActions, name).toHaveLength(1);
    }
    const [topic] = propertiesOf(stack(), 'AWS::SNS::Topic');
    expect(topic.KmsMasterKeyId).toBeDefined();
    expect(propertiesOf(stack(), 'AWS::SNS::Subscription')).toMatchObject([{ Protocol: 'email' }]);
  });

  test('takes a relay that says nothing for a fault', () => {
    const silent = alarms().find(({ name }) => name === 'relay-silent');
    expect(silent).toMatchObject({ TreatMissingData: 'breaching', Namespace: 'Membership' });
  });

  test('has a dashboard', () => {
    expect(propertiesOf(stack(), 'AWS::CloudWatch::Dashboard')).toHaveLength(1);
  });
});

test('every section is about an alarm that there is', () => {
  const names = new Set(
    centreNames.flatMap((centre) =>
      propertiesOf(stackOf('production', 'observability', centre), 'AWS::CloudWatch::Alarm').map(
        ({ AlarmName }) => sectionOf(String(AlarmName).replace(/^membership-production-[ab]-/, '')),
      ),
    ),
  );
  const about = [...sections.keys()].filter((name) => /^[a-z0-9-]+$/.test(name));
  expect(about.sort()).toEqual([...names].sort());
});

test('one dashboard shows both centres, from the witness', () => {
  const [dashboard] = propertiesOf(
    stackOf('production', 'overview', 'witness'),
    'AWS::CloudWatch::Dashboard',
  );
  const text = JSON.stringify(dashboard.DashboardBody);
  for (const region of ['ap-southeast-1', 'ap-northeast-1']) expect(text).toContain(region);
});

import { describe, expect, it } from 'vitest';
import {
  readSettings,
  SettingsInvalid,
  variableNames,
  variablesOfSome,
} from '../../functions/runtime/env.ts';
import { variablesOf } from '../../scripts/local/function-variables.ts';
import { PART_NAMES, type PartName } from '../../scripts/local/ports.ts';

const ofSome: readonly string[] = variablesOfSome;
const neededByAll = variableNames.filter((name) => !ofSome.includes(name));

const endpoints = Object.fromEntries(
  PART_NAMES.map((part) => [part, `http://127.0.0.1:1${part.length}`]),
) as Record<PartName, string>;

const good = variablesOf({
  engines: { endpoints, secrets: { databaseUser: 'u', databasePassword: 'hunter2' } as never },
  centre: 'B',
  lane: 'marketing',
  keyring: '{}',
  queueUrls: { A: 'http://127.0.0.1:1/q', B: 'http://127.0.0.1:2/q' },
});

const messageOf = (variables: Record<string, string | undefined>): string => {
  try {
    readSettings(variables);
    return '';
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsInvalid);
    return (error as Error).message;
  }
};

describe('readSettings', () => {
  it('reads what the local services set, which is everything but what only some have', () => {
    expect(readSettings(good)).toMatchObject({
      CENTRE: 'B',
      LANE: 'marketing',
      SEARCH: { primary: { centre: 'A' } },
    });
    for (const name of neededByAll) expect(good).toHaveProperty(name);
  });

  it('has the four platforms unless told otherwise', () => {
    const { PLATFORMS, ...rest } = good;
    expect(readSettings(rest).PLATFORMS).toEqual(JSON.parse(PLATFORMS));
    expect(readSettings({ ...good, PLATFORMS: '["a"]' }).PLATFORMS).toEqual(['a']);
  });

  it('names everything that is missing at once', () => {
    const message = messageOf({});
    for (const name of neededByAll.filter((each) => !['PLATFORMS', 'OTHER_PARAMETERS'].includes(each)))
      expect(message).toContain(`${name} is missing`);
  });

  it.each([
    ['CENTRE', 'C', 'CENTRE is not valid'],
    ['LANE', '', 'LANE is not valid'],
    ['PLATFORMS', '[]', 'PLATFORMS is not valid'],
    ['SHARD_MAP', '{', 'SHARD_MAP is not JSON'],
    [
      'QUEUES',
      '{"A":{"url":"x","region":"r"},"B":{"url":"http://b/q","region":"r"}}',
      'QUEUES.A.url is not valid',
    ],
    ['JOURNALS', '{"A":"a:1"}', 'JOURNALS.B is not valid'],
    [
      'DATABASES',
      '{"c0":{"writers":{"A":"nowhere"},"replicas":{"A":{},"B":{}}}}',
      'DATABASES.c0.writers.A is not valid',
    ],
    ['SEARCH', '{"primary":{"url":"http://a","centre":"A","more":1}}', 'SEARCH.primary is not valid'],
  ])('says what is wrong with %s', (name, value, fault) => {
    expect(messageOf({ ...good, [name]: value })).toBe(`The environment is not as it must be: ${fault}.`);
  });

  it('never tells a value', () => {
    const message = messageOf({
      ...good,
      DATABASES: '{"c0": "hunter2"}',
      KEYRING: undefined,
      JOURNALS: 'hunter2',
    });
    expect(message).not.toContain('hunter2');
  });

  it('takes a database with a user of its own', () => {
    const journals = { A: 'me:p%40ss@host:1', B: 'host:2' };
    expect(readSettings({ ...good, JOURNALS: JSON.stringify(journals) }).JOURNALS).toEqual(journals);
  });
});

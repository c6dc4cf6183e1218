import { describe, expect, it } from 'vitest';
import { endpointVariable, givenEndpoints, localEndpoint } from '../../scripts/local/endpoints.ts';

describe('endpoints', () => {
  it('are local without anything in the environment', () => {
    expect(givenEndpoints({})).toEqual({});
    expect(localEndpoint('mysql-a', 4100)).toBe('mysql://127.0.0.1:4120');
    expect(localEndpoint('redis-b-1', 4100)).toBe('redis://127.0.0.1:4133');
    expect(localEndpoint('search-backup', 4100)).toBe('http://127.0.0.1:4141');
    expect(localEndpoint('aws-witness', 4100)).toBe('http://127.0.0.1:4152');
  });

  it('are taken from the environment, by part', () => {
    expect(endpointVariable('redis-a-0')).toBe('MEMBERSHIP_ENDPOINT_REDIS_A_0');
    expect(givenEndpoints({ MEMBERSHIP_ENDPOINT_REDIS_A_0: 'redis://10.0.0.1:6379/' })).toEqual({
      'redis-a-0': 'redis://10.0.0.1:6379',
    });
  });

  it('of a writer stand in for its replicas, unless those are given too', () => {
    const given = givenEndpoints({
      MEMBERSHIP_ENDPOINT_MYSQL_A: 'mysql://u:p@writer:3306',
      MEMBERSHIP_ENDPOINT_MYSQL_B_1: 'mysql://u:p@replica:3306',
    });
    expect(given).toEqual({
      'mysql-a': 'mysql://u:p@writer:3306',
      'mysql-b-0': 'mysql://u:p@writer:3306',
      'mysql-b-1': 'mysql://u:p@replica:3306',
      'mysql-b-2': 'mysql://u:p@writer:3306',
    });
  });

  it.each(['http://writer:3306', 'writer:3306', 'secret'])(
    'refuse what is no address of the part: %s',
    (value) => {
      expect(() => givenEndpoints({ MEMBERSHIP_ENDPOINT_MYSQL_A: value })).toThrow(
        'MEMBERSHIP_ENDPOINT_MYSQL_A must be an address such as mysql://HOST:PORT',
      );
    },
  );

  it('are not repeated in the refusal, for they may hold a password', () => {
    const ask = () => givenEndpoints({ MEMBERSHIP_ENDPOINT_REDIS_A_0: 'mysql://u:hunter2@h' });
    expect(ask).toThrow();
    expect(ask).not.toThrow(/hunter2/);
  });
});

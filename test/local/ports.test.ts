import { describe, expect, it } from 'vitest';
import {
  PART_NAMES,
  PORT_SPAN,
  portOf,
  portsOf,
  publicPorts,
  readBasePort,
} from '../../scripts/local/ports.ts';

describe('ports', () => {
  it('are where users and scripts expect them', () => {
    expect(Object.fromEntries(PART_NAMES.map((part) => [part, portOf(part, 4100)]))).toEqual({
      'mysql-a': 4120,
      'mysql-b-0': 4121,
      'mysql-b-1': 4122,
      'mysql-b-2': 4123,
      'journal-a': 4124,
      'journal-b': 4125,
      'redis-a-0': 4130,
      'redis-a-1': 4131,
      'redis-b-0': 4132,
      'redis-b-1': 4133,
      'search-primary': 4140,
      'search-backup': 4141,
      'search-marketing': 4142,
      'aws-a': 4150,
      'aws-b': 4151,
      'aws-witness': 4152,
    });
    expect(publicPorts(4100).map((place) => place.port)).toEqual([4100, 4110, 4101, 4111, 4102, 4112]);
  });

  it('are never shared, and stay within the span of one copy', () => {
    const all = [
      ...PART_NAMES.flatMap((part) => portsOf(part, 0)),
      ...publicPorts(0).map((place) => place.port),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(Math.max(...all)).toBeLessThan(PORT_SPAN);
  });

  it('all move with the base port', () => {
    expect(readBasePort({})).toBe(4100);
    expect(readBasePort({ MEMBERSHIP_BASE_PORT: '5100' })).toBe(5100);
    for (const part of PART_NAMES) expect(portOf(part, 5100)).toBe(portOf(part, 4100) + 1000);
  });

  it.each(['0', '80', 'many', '65530', '4100.5'])('refuse the base port %s', (text) => {
    expect(() => readBasePort({ MEMBERSHIP_BASE_PORT: text })).toThrow('MEMBERSHIP_BASE_PORT must be');
  });
});

/**
 * What the service's user may do in a Redis: the commands of the adapter and of its scripts, and no other. A test runs
 * the adapter's contract as this user.
 */
const commands = [
  ...['get', 'mget', 'set', 'del', 'exists', 'pttl', 'pexpire', 'scan'],
  ...['sadd', 'srem', 'scard', 'smembers'],
  ...['hget', 'hgetall', 'hkeys', 'hmget', 'hset'],
  ...['eval', 'evalsha', 'time', 'wait'],
  // A Redis that missed a fence is emptied before it is believed again.
  'flushdb',
];

export const cacheUser = 'membership';

export const cacheAccess = `on ~* -@all ${commands.map((command) => `+${command}`).join(' ')}`;

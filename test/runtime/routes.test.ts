import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { matchRoute, routeKeyOf, routes } from '../../functions/runtime/routes.ts';

describe('the route table', () => {
  it.each([
    ['POST', '/v1/members', 'register-member', {}],
    ['POST', '/v1/members/lookup', 'look-up-member', {}],
    ['GET', '/v1/members/lookup', 'get-member', { memberId: 'lookup' }],
    ['GET', '/v1/members/m1', 'get-member', { memberId: 'm1' }],
    ['PATCH', '/v1/members/m1', 'update-member', { memberId: 'm1' }],
    ['DELETE', '/v1/members/m1', 'cancel-member', { memberId: 'm1' }],
    ['POST', '/v1/members/m1/bindings', 'bind-identifier', { memberId: 'm1' }],
    [
      'DELETE',
      '/v1/members/m1/bindings/account%3Aelong-app',
      'unbind-identifier',
      { memberId: 'm1', field: 'account:elong-app' },
    ],
    ['DELETE', '/v1/members/m1/bindings/%zz', 'unbind-identifier', { memberId: 'm1', field: '%zz' }],
    ['GET', '/health', 'health', {}],
    ['GET', '/openapi.json', 'openapi', {}],
  ])('%s %s is %s', (method, path, name, parameters) => {
    expect(matchRoute(method, path)).toMatchObject({ kind: 'route', route: { function: name }, parameters });
  });

  it.each([
    '/',
    '',
    '/v1',
    '/v1/members/',
    '/v1/members/m1/bindings/',
    '/v1/members/m1/x',
    '/V1/members',
    '/v1//members',
    '/health/',
  ])('has nothing at %j', (path) => {
    expect(matchRoute('GET', path)).toEqual({ kind: 'none' });
  });

  it.each([
    ['GET', '/v1/members', ['POST']],
    ['PUT', '/v1/members/m1', ['DELETE', 'GET', 'PATCH']],
    ['POST', '/health', ['GET']],
    ['HEAD', '/health', ['GET']],
  ])('%s %s: the path takes %j', (method, path, allow) => {
    expect(matchRoute(method, path)).toEqual({ kind: 'other-method', allow });
  });

  it('names functions that are there, and each route once', () => {
    for (const route of routes)
      expect(existsSync(`functions/${route.function}.ts`), route.function).toBe(true);
    expect(new Set(routes.map(routeKeyOf)).size).toBe(routes.length);
  });
});

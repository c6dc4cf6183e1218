/**
 * The route table: what the API takes, and which function answers. The gateway on a developer's machine and the
 * infrastructure both read it, so that there is one.
 */
import type { Lane } from '../core/caller/caller.ts';

/** The functions of the API, by the name of their file. */
export type ApiFunction =
  | 'get-member'
  | 'look-up-member'
  | 'look-up-members'
  | 'register-member'
  | 'update-member'
  | 'bind-identifier'
  | 'unbind-identifier'
  | 'cancel-member'
  | 'health'
  | 'openapi'
  | 'no-route';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As API Gateway writes it: `{name}` takes one segment. */
  readonly path: string;
  readonly function: ApiFunction;
  /**
   * Decides the deadline, what a caller must send (`health` and `open` take no key), and which of its lane's rates the request is
   * counted to.
   */
  readonly kind: 'read' | 'batch' | 'write' | 'health' | 'open';
  /** The lanes that have this route. */
  readonly lanes: readonly Lane[];
}

const bothLanes = ['critical', 'marketing'] as const;

export const routes: readonly Route[] = [
  { method: 'POST', path: '/v1/members', function: 'register-member', kind: 'write', lanes: bothLanes },
  { method: 'POST', path: '/v1/members/lookup', function: 'look-up-member', kind: 'read', lanes: bothLanes },
  {
    method: 'POST',
    path: '/v1/members/lookup-batch',
    function: 'look-up-members',
    kind: 'batch',
    lanes: bothLanes,
  },
  { method: 'GET', path: '/v1/members/{memberId}', function: 'get-member', kind: 'read', lanes: bothLanes },
  {
    method: 'PATCH',
    path: '/v1/members/{memberId}',
    function: 'update-member',
    kind: 'write',
    lanes: bothLanes,
  },
  {
    method: 'DELETE',
    path: '/v1/members/{memberId}',
    function: 'cancel-member',
    kind: 'write',
    lanes: bothLanes,
  },
  {
    method: 'POST',
    path: '/v1/members/{memberId}/bindings',
    function: 'bind-identifier',
    kind: 'write',
    lanes: bothLanes,
  },
  {
    method: 'DELETE',
    path: '/v1/members/{memberId}/bindings/{field}',
    function: 'unbind-identifier',
    kind: 'write',
    lanes: bothLanes,
  },
  { method: 'GET', path: '/health', function: 'health', kind: 'health', lanes: bothLanes },
  { method: 'GET', path: '/openapi.json', function: 'openapi', kind: 'open', lanes: bothLanes },
];

/** Whether anybody may ask, without a key. */
export const isOpen = ({ kind }: Pick<Route, 'kind'>): boolean => kind === 'health' || kind === 'open';

/** What API Gateway calls the route of everything that has no route. Answered by `no-route`. */
export const defaultRouteKey = '$default';

export const routeKeyOf = (route: Route): string => `${route.method} ${route.path}`;

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  /** The path is there, but not for this method. */
  | { readonly kind: 'other-method'; readonly allow: readonly string[] }
  | { readonly kind: 'none' };

/** Finds the route of a path (not decoded, without query) as API Gateway does: a literal segment wins over `{name}`. */
export function matchRoute(method: string, path: string): RouteMatch {
  const segments = path.split('/');
  const matching = routes
    .map((route) => ({ route, parameters: parametersOf(route.path.split('/'), segments) }))
    .filter(({ parameters }) => parameters !== null)
    .sort((a, b) => Object.keys(a.parameters ?? {}).length - Object.keys(b.parameters ?? {}).length);
  const found = matching.find(({ route }) => route.method === method);
  if (found?.parameters) return { kind: 'route', route: found.route, parameters: found.parameters };
  if (matching.length === 0) return { kind: 'none' };
  return { kind: 'other-method', allow: matching.map(({ route }) => route.method).sort() };
}

function parametersOf(
  template: readonly string[],
  segments: readonly string[],
): Record<string, string> | null {
  if (template.length !== segments.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const segment = segments[index] ?? '';
    if (!part.startsWith('{')) {
      if (part !== segment) return null;
    } else if (segment === '') {
      return null;
    } else {
      parameters[part.slice(1, -1)] = decoded(segment);
    }
  }
  return parameters;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

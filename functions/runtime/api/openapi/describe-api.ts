/**
 * The API's description (OpenAPI 3.1), made of the route table, the schemas that validate, the table of problems, and
 * of what `operations.ts` and `examples.ts` say besides. Loaded by the function that answers it, and by nothing that
 * serves members.
 */
import { isOpen, type Route, routes } from '../../routes.ts';
import { type ProblemCode, problems } from '../problems.ts';
import { identifierFields, memberIdPattern } from '../requests.ts';
import { type AnswerName, componentSchemas, type JsonSchema } from './components.ts';
import { type Example, examples } from './examples.ts';
import { type AnswerHeader, answerHeaders, requestHeaders } from './headers.ts';
import { type OperationDescription, operations } from './operations.ts';

export interface ApiDescription {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly [kind: string]: unknown;
  };
  readonly [name: string]: unknown;
}

type NamedExamples = readonly (readonly [name: string, example: Example])[];

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });

/**
 * @param platforms the platforms that accounts may be of
 * @throws Error that names the routes without a description
 */
export function describeApi(platforms: readonly string[], table: readonly Route[] = routes): ApiDescription {
  const missing = table.filter((route) => operations[route.function] === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ method, path, function: name }) => `${method} ${path} (${name})`);
    throw new Error(
      `No description of ${names.join(', ')}: add one to functions/runtime/api/openapi/operations.ts, and examples beside it.`,
    );
  }
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of table) {
    paths[route.path] ??= {};
    (paths[route.path] as Record<string, unknown>)[route.method.toLowerCase()] = operationOf(
      route,
      platforms,
    );
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Membership',
      version: '1',
      description: [
        'Who is this? Registration, reading, lookup by any identifier, binding, and cancelling of members, in either of two centres.',
        'Refusals are problems (RFC 9457) with a stable `code`. A path that is not here answers 404 `no-such-route`, another method 405 `method-not-allowed` with `Allow`.',
        'Answers may gain properties; requests with unknown ones are refused. Run in order, the examples are a walk through the API.',
      ].join('\n\n'),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The front door, or either centre.' }],
    security: [{ callerKey: [] }],
    paths,
    components: {
      schemas: componentSchemas(platforms),
      headers: Object.fromEntries(Object.entries(answerHeaders).map(([name, told]) => [name, { ...told }])),
      securitySchemes: {
        callerKey: {
          type: 'http',
          scheme: 'bearer',
          description: "A caller's key. It is good for its lane's name alone.",
        },
      },
    },
  };
}

function operationOf(route: Route, platforms: readonly string[]) {
  const described = operations[route.function] as OperationDescription;
  const named = Object.entries(examples[route.function] ?? {});
  const parameters = parametersOf(route, described, named, platforms);
  const body = described.body && {
    required: true,
    content: {
      'application/json': {
        schema: ref('schemas', described.body),
        ...examplesOf(named, ({ body: sent }) => sent),
      },
    },
  };
  return {
    operationId: route.function,
    summary: described.summary,
    ...(described.description && { description: described.description }),
    ...(isOpen(route) && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(described, codesOf(route, described), named),
  };
}

function parametersOf(
  { path, kind }: Route,
  { takesIfMatch }: OperationDescription,
  named: NamedExamples,
  platforms: readonly string[],
): object[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: pathSchemaOf(name, platforms),
    ...examplesOf(named, ({ parameters }) => parameters?.[name]),
  }));
  const { idempotencyKey, reason, ifMatch } = requestHeaders;
  return [
    ...inPath,
    ...(kind === 'write' ? [{ ...idempotencyKey, ...examplesOf(named, (each) => each.idempotencyKey) }] : []),
    ...(kind === 'write' ? [{ ...reason, ...examplesOf(named, (each) => each.reason) }] : []),
    ...(takesIfMatch ? [{ ...ifMatch, ...examplesOf(named, (each) => each.ifMatch) }] : []),
  ];
}

function pathSchemaOf(name: string, platforms: readonly string[]): JsonSchema {
  if (name === 'memberId') return { type: 'string', pattern: memberIdPattern.source };
  if (name === 'field') return { type: 'string', enum: identifierFields(platforms) };
  throw new Error(`No schema of the path parameter ${name}: add one to pathSchemaOf.`);
}

/** Every problem that the route may answer. */
function codesOf(route: Route, { body, takesIfMatch, problems: own = [] }: OperationDescription) {
  const { kind, path } = route;
  const takesInput = body !== undefined || takesIfMatch || path.includes('{') || kind === 'write';
  const byKey: readonly ProblemCode[] = ['unauthenticated', 'caller-disabled', 'wrong-lane', 'key-revoked'];
  const byWrite: readonly ProblemCode[] = ['idempotency-key-required', 'idempotency-key-reused'];
  const byBody: readonly ProblemCode[] = ['malformed-json', 'body-too-large', 'unsupported-media-type'];
  const possible: readonly ProblemCode[] = [
    ...(takesInput ? (['invalid-request'] as const) : []),
    ...(body ? byBody : []),
    ...(isOpen(route) ? [] : byKey),
    ...(kind === 'write' ? byWrite : []),
    ...own,
    ...(kind === 'read' || kind === 'batch' ? (['lane-exhausted'] as const) : []),
    'too-many-requests',
    'internal',
    'unavailable',
  ];
  // In the order of the table, which is the statuses'.
  return (Object.keys(problems) as ProblemCode[]).filter((code) => possible.includes(code));
}

interface Response {
  readonly says: string[];
  readonly headers: Set<AnswerHeader>;
  readonly content: Record<string, object>;
}

function responsesOf({ answers }: OperationDescription, codes: readonly ProblemCode[], named: NamedExamples) {
  const responses = new Map<number, Response>();
  const at = (status: number): Response => {
    const known = responses.get(status) ?? { says: [], headers: new Set(), content: {} };
    responses.set(status, known);
    return known;
  };
  const examplesAt = (status: number, isProblem: boolean) =>
    examplesOf(
      named.filter(([, example]) => example.status === status && isProblemBody(example.answer) === isProblem),
      ({ answer }) => answer,
    );
  for (const { status, says, answer, headers = [] } of answers) {
    const response = at(status);
    response.says.push(says);
    for (const header of headers) response.headers.add(header);
    response.content['application/json'] = {
      schema: ref('schemas', answer satisfies AnswerName),
      ...examplesAt(status, false),
    };
  }
  for (const status of new Set(codes.map((code) => problems[code].status))) {
    const response = at(status);
    const here = codes.filter((code) => problems[code].status === status);
    response.says.push(...here.map((code) => `\`${code}\`: ${problems[code].title}`));
    for (const header of problemHeaders(here, answers)) response.headers.add(header);
    response.content['application/problem+json'] = {
      schema: {
        allOf: [ref('schemas', 'Problem'), { type: 'object', properties: { code: { enum: here } } }],
      },
      ...examplesAt(status, true),
    };
  }
  return Object.fromEntries(
    [...responses].map(([status, { says, headers, content }]) => [
      String(status),
      {
        description: says.join('\n'),
        ...(headers.size > 0 && {
          headers: Object.fromEntries([...headers].map((name) => [name, ref('headers', name)])),
        }),
        content,
      },
    ]),
  );
}

function problemHeaders(
  codes: readonly ProblemCode[],
  answers: OperationDescription['answers'],
): readonly AnswerHeader[] {
  // That there is nobody is an answer of a read too, and says how sure it is.
  const isRead = answers.some(({ headers = [] }) => headers.includes('x-freshness'));
  return [
    ...(codes.includes('unauthenticated') ? (['www-authenticate'] as const) : []),
    ...(codes.includes('unavailable') ? (['retry-after'] as const) : []),
    ...(codes.includes('too-many-requests')
      ? (['retry-after', 'ratelimit', 'ratelimit-policy'] as const)
      : []),
    ...(codes.includes('no-such-member') && isRead ? (['x-freshness', 'x-source', 'age'] as const) : []),
  ];
}

const isProblemBody = (answer: unknown): boolean =>
  typeof answer === 'object' && answer !== null && 'code' in answer;

function examplesOf(named: NamedExamples, partOf: (example: Example) => unknown) {
  const told = named.flatMap(([name, example]) => {
    const value = partOf(example);
    return value === undefined ? [] : [[name, { summary: example.summary, value }] as const];
  });
  return told.length > 0 ? { examples: Object.fromEntries(told) } : {};
}

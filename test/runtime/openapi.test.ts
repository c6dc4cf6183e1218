import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeOpenApi } from '../../functions/openapi.ts';
import { type ApiDescription, describeApi } from '../../functions/runtime/api/openapi/describe-api.ts';
import { problems } from '../../functions/runtime/api/problems.ts';
import { makeBodies } from '../../functions/runtime/api/schemas.ts';
import { defaultPlatforms } from '../../functions/runtime/env.ts';
import { type ApiFunction, isOpen, routes } from '../../functions/runtime/routes.ts';
import { examplesIn, makeDocumentSchemas } from '../openapi-document.ts';
import { ask, fakeParts } from './fake-parts.ts';

let document: ApiDescription;
beforeAll(() => {
  document = describeApi(defaultPlatforms);
});

describe('the description of the API', () => {
  it('is what docs/openapi.json holds; "npm run openapi" writes it', () => {
    const written: unknown = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
    expect(written).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('is a valid OpenAPI 3.1 document', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(JSON.parse(JSON.stringify(document)));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    expect(validator.version).toBe('3.1');
  });

  it('tells every route, and nothing else', () => {
    const told = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(told.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
  });

  it('is refused for a route that nobody described, by name', () => {
    const unknown = { ...routes[0], path: '/v1/new', function: 'new-thing' as ApiFunction };
    expect(() => describeApi(defaultPlatforms, [...routes, unknown as (typeof routes)[number]])).toThrow(
      'No description of POST /v1/new (new-thing)',
    );
  });

  it('tells every code that a problem may have', () => {
    const text = JSON.stringify(document.paths) + JSON.stringify(document.info);
    for (const code of Object.keys(problems)) expect(text).toContain(`\`${code}\``);
  });

  it('takes a key for everything that is not open', () => {
    for (const route of routes) {
      const { path, method } = route;
      const operation = document.paths[path]?.[method.toLowerCase()] as Record<string, unknown>;
      expect(operation.security, `${method} ${path}`).toEqual(isOpen(route) ? [] : undefined);
    }
    expect(document.security).toEqual([{ callerKey: [] }]);
  });
});

describe('its examples', () => {
  it('are there for every operation but the description itself', () => {
    const shown = new Set(examplesIn(document).map(({ operationId }) => operationId));
    expect([...routes.map((route) => route.function)].filter((name) => !shown.has(name))).toEqual([
      'openapi',
    ]);
  });

  it('answer what their schemas tell', () => {
    const schemas = makeDocumentSchemas(document);
    for (const example of examplesIn(document))
      expect(schemas.faultsOf(example.answerSchema, example.answer), example.title).toEqual([]);
  });

  it('send what their schemas tell, unless they show a refusal of that', () => {
    const schemas = makeDocumentSchemas(document);
    for (const { bodySchema, body, status, title } of examplesIn(document)) {
      if (bodySchema === undefined) continue;
      expect(schemas.faultsOf(bodySchema, body).length > 0, title).toBe(status === 400);
    }
  });
});

describe('the schemas of bodies', () => {
  const bodies = makeBodies(defaultPlatforms);
  const values = fc.oneof(
    fc.constantFrom(
      '+8613800000001',
      '13800000001',
      '600100',
      'o6_x',
      '',
      ' ',
      'tc-1',
      'elong-app',
      'x'.repeat(101),
    ),
    fc.constantFrom(0, 99, 100, -1, 1.5, null, true, [], {}),
  );
  const account = fc.record({ platform: values, accountId: values }, { requiredKeys: [] });
  const content = fc.record(
    {
      name: values,
      level: values,
      phone: values,
      unionId: values,
      cardNo: values,
      account,
      accounts: fc.array(account, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );

  it.each([
    ['RegisterMember', bodies.register],
    ['UpdateMember', bodies.update],
    ['Identifier', bodies.identifier],
  ] as const)('%s refuses nothing that the service takes', (name, parser) => {
    const schemas = makeDocumentSchemas(document);
    const property = fc.property(content, (body) => {
      const taken = 'value' in parser(body);
      if (taken) expect(schemas.faultsOf({ $ref: `#/components/schemas/${name}` }, body)).toEqual([]);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it.each([
    ['UpdateMember', bodies.update, ['name', 'level']],
    ['Identifier', bodies.identifier, ['phone', 'unionId', 'cardNo', 'account']],
  ] as const)('%s takes nothing that the service refuses, but for blanks in names', (name, parser, known) => {
    const schemas = makeDocumentSchemas(document);
    const property = fc.property(content, (all) => {
      const body = Object.fromEntries(
        Object.entries(all).filter(([key]) => (known as readonly string[]).includes(key)),
      );
      const isDescribed = schemas.faultsOf({ $ref: `#/components/schemas/${name}` }, body).length === 0;
      if (isDescribed && body.name !== ' ') expect(parser(body)).toHaveProperty('value');
    });
    fc.assert(property, { numRuns: 500 });
  });
});

describe('GET /openapi.json', () => {
  it('answers it to anybody, with the platforms of the deployment', async () => {
    const handler = makeOpenApi(() => fakeParts());
    const { status, headers, body } = await ask(handler, { headers: { authorization: undefined } });
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(body).toEqual(JSON.parse(JSON.stringify(describeApi(['tongcheng-app', 'elong-app']))));
  });
});

/** The API's description as its readers use it: its examples, as requests with their answers, and its schemas. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ApiDescription } from '../functions/runtime/api/openapi/describe-api.ts';

type Schema = Readonly<Record<string, unknown>>;
type Named = Readonly<Record<string, { readonly value: unknown }>>;
interface Content {
  readonly schema: Schema;
  readonly examples?: Named;
}
interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: 'path' | 'header';
    readonly examples?: Named;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, Content>> }>>;
}

export interface DocumentExample {
  readonly operationId: string;
  /** For people. */
  readonly title: string;
  readonly method: string;
  /** With its parameters in it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly bodySchema: Schema | undefined;
  readonly status: number;
  readonly contentType: string;
  readonly answer: unknown;
  readonly answerSchema: Schema;
}

/** In the document's order: by path, then method, then status. */
export function examplesIn(document: ApiDescription): readonly DocumentExample[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => examplesOf(path, method, operation as Operation)),
  );
}

function examplesOf(template: string, method: string, operation: Operation): readonly DocumentExample[] {
  const { operationId, parameters = [], requestBody, responses } = operation;
  const sent = requestBody?.content['application/json'];
  return Object.entries(responses).flatMap(([status, { content }]) =>
    Object.entries(content).flatMap(([contentType, { schema, examples = {} }]) =>
      Object.entries(examples).map(([name, { value }]): DocumentExample => {
        let path = template;
        const headers: Record<string, string> = {};
        for (const parameter of parameters) {
          const given = parameter.examples?.[name]?.value;
          if (given === undefined) continue;
          if (parameter.in === 'path')
            path = path.replace(`{${parameter.name}}`, encodeURIComponent(String(given)));
          else headers[parameter.name.toLowerCase()] = String(given);
        }
        return {
          operationId,
          title: `${operationId} ${name}`,
          method: method.toUpperCase(),
          path,
          headers,
          body: sent?.examples?.[name]?.value,
          bodySchema: sent?.schema,
          status: Number(status),
          contentType,
          answer: value,
          answerSchema: schema,
        };
      }),
    ),
  );
}

const address = 'https://membership.invalid/openapi.json';

/** Checks what is sent and answered against the document's own schemas. */
export function makeDocumentSchemas(document: ApiDescription) {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  ajv.addSchema({ $id: address, components: document.components });
  const compiled = new Map<string, ValidateFunction>();
  return {
    /** What is wrong with a value, by path. */
    faultsOf(schema: Schema, value: unknown): readonly string[] {
      const text = JSON.stringify(schema).replaceAll('"#/components/', `"${address}#/components/`);
      const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text) as Schema);
      compiled.set(text, validate);
      // As it goes over the wire.
      if (validate(JSON.parse(JSON.stringify(value)))) return [];
      return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
    },
  };
}

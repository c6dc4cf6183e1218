/** The schemas of bodies and answers, as components of the API's description. */
import * as z from 'zod/mini';
import { levelMax, nameCharactersMax } from '../../limits.ts';
import {
  answerSchemas,
  faultAnswer,
  memberAnswer,
  problemAnswerOf,
  receiptAnswer,
} from '../answer-schemas.ts';
import { problems } from '../problems.ts';
import { bodySchemasOf } from '../schemas.ts';

export type BodyName = 'RegisterMember' | 'UpdateMember' | 'Identifier' | 'Lookups';

export type AnswerName = keyof typeof answerSchemas;

export type JsonSchema = Readonly<Record<string, unknown>>;

/** @param platforms the platforms that accounts may be of */
export function componentSchemas(platforms: readonly string[]): Readonly<Record<string, JsonSchema>> {
  const { account, register, update, identifier, lookups } = bodySchemasOf(platforms);
  const told = z.registry<JsonSchema>();
  // What parsing does by a function says nothing of itself: it is told here, and held to the parser by a test.
  told.add(register.shape.name, {
    minLength: 1,
    maxLength: nameCharactersMax,
    description: 'Kept in Unicode normal form C; no control characters, not blank.',
  });
  told.add(update, { minProperties: 1 });
  told.add(identifier, {
    minProperties: 1,
    maxProperties: 1,
    description: 'Exactly one identifier: `phone` is E.164, `cardNo` 6 to 20 digits.',
  });
  told.add(lookups.shape.lookups, { items: { $ref: '#/components/schemas/Identifier' } });
  told.add(register, { description: 'At most one account a platform.' });
  told.add(memberAnswer.shape.version, { description: 'Orders the changes of a member. Opaque.' });
  told.add(memberAnswer.shape.level, { description: `0 to ${levelMax}.` });
  told.add(receiptAnswer, {
    description:
      'The write is acknowledged. `both-centres`: it survives the loss of either centre; `one-centre`: the other one could not be reached.',
  });
  return {
    ...schemasOf(
      {
        Account: account,
        RegisterMember: register,
        UpdateMember: update,
        Identifier: identifier,
        Lookups: lookups,
      },
      told,
      'input',
    ),
    ...schemasOf(
      { ...answerSchemas, Fault: faultAnswer, Problem: problemAnswerOf(Object.keys(problems)) },
      told,
      'output',
    ),
  };
}

function schemasOf(
  named: Readonly<Record<string, z.ZodMiniType>>,
  told: z.core.$ZodRegistry<JsonSchema>,
  io: 'input' | 'output',
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io,
    metadata: told,
    uri: (id) => `#/components/schemas/${id}`,
    override({ jsonSchema }) {
      // A newer service may say more: whoever reads an answer passes over what he does not know.
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema as JsonSchema]),
  );
}

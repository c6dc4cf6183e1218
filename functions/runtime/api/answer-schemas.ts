/**
 * What the API answers, as schemas: its description is generated from them, and the tests hold the real answers to
 * them. Functions import their types alone: nothing is checked on the way out.
 */
import * as z from 'zod/mini';
import { centreNames } from '../../core/propagation/event.ts';
import { levelMax } from '../limits.ts';

const version = z.int().check(z.positive());
const uuid = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/));
const moment = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));

export const memberAnswer = z.strictObject({
  memberId: uuid,
  version,
  status: z.enum(['active', 'cancelled']),
  name: z.string(),
  level: z.int().check(z.gte(0), z.lte(levelMax)),
  phone: z.optional(z.string()),
  unionId: z.optional(z.string()),
  cardNo: z.optional(z.string()),
  accounts: z.array(z.strictObject({ platform: z.string(), accountId: z.string() })),
  createdAt: moment,
  updatedAt: moment,
});

export type MemberAnswer = z.output<typeof memberAnswer>;

export const receiptAnswer = z.strictObject({
  memberId: uuid,
  version,
  epoch: z.int().check(z.positive()),
  durability: z.enum(['both-centres', 'one-centre']),
});

const memberAndReceiptAnswer = z.strictObject({ member: memberAnswer, receipt: receiptAnswer });

const receiptOnlyAnswer = z.strictObject({ receipt: receiptAnswer });

const healthAnswer = z.strictObject({
  status: z.enum(['serving', 'failing', 'draining']),
  centre: z.enum(centreNames),
});

/** The description itself: an object, and no more is said of it here. */
const openApiAnswer = z.looseObject({ openapi: z.string() });

export const faultAnswer = z.strictObject({ path: z.string(), message: z.string() });

const sure = {
  freshness: z.enum(['fresh', 'bounded', 'stale']),
  age: z.optional(z.int().check(z.nonnegative())),
  source: z.string(),
};

/** One lookup of a batch, as it would have been answered alone. */
const batchResult = z.union([
  z.strictObject({ status: z.literal(200), member: memberAnswer, ...sure }),
  z.strictObject({ status: z.literal(404), code: z.literal('no-such-member'), ...sure }),
  z.strictObject({
    status: z.enum({ internal: 500, unavailable: 503 }),
    code: z.enum(['internal', 'unavailable', 'lane-exhausted']),
    retryAfter: z.optional(z.int().check(z.positive())),
  }),
]);

export type BatchResult = z.output<typeof batchResult>;

const batchAnswer = z.strictObject({ results: z.array(batchResult) });

/** What answers hold that are no problems, by the name in the description. */
export const answerSchemas = {
  Member: memberAnswer,
  Receipt: receiptAnswer,
  MemberAndReceipt: memberAndReceiptAnswer,
  ReceiptOnly: receiptOnlyAnswer,
  Batch: batchAnswer,
  BatchResult: batchResult,
  Health: healthAnswer,
  OpenApi: openApiAnswer,
} as const;

/** @param codes those that this answer may have */
export const problemAnswerOf = (codes: readonly string[]) =>
  z.strictObject({
    type: z.string().check(z.regex(/^urn:membership:problem:[a-z-]+$/)),
    title: z.string(),
    status: z.int().check(z.gte(400), z.lte(599)),
    code: z.enum(codes as [string, ...string[]]),
    detail: z.optional(z.string()),
    errors: z.optional(z.array(faultAnswer)),
  });

import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import type { Usage } from './model.ts';

const prices = z.strictObject({
  currency: z.string(),
  note: z.string(),
  units: z.record(z.string(), z.number().check(z.nonnegative())),
});

/** A price for each unit that the model counts. */
export type Prices = z.output<typeof prices>;

/** @throws Error that says what is wrong with the file */
export function readPrices(path: string | URL): Prices {
  try {
    return prices.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new Error(`${String(path)} is no table of prices like scripts/capacity/prices.json`, {
      cause: error,
    });
  }
}

export interface Cost {
  readonly lines: readonly {
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly price: number;
  }[];
  readonly total: number;
}

/** @throws Error when something that is used has no price */
export function monthOf(usage: Usage, { units }: Prices): Cost {
  const lines = Object.entries(usage).map(([name, quantity]) => {
    const unitPrice = units[name];
    if (unitPrice === undefined) throw new Error(`The table of prices has none for ${name}.`);
    return { name, quantity, unitPrice, price: quantity * unitPrice };
  });
  return { lines, total: lines.reduce((sum, { price }) => sum + price, 0) };
}

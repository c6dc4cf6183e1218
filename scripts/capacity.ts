/** `npm run capacity`: the sizes that a stage needs for its members and requests, and what a month of it costs. */
import { assumed } from './capacity/assumptions.ts';
import { monthOf, readPrices } from './capacity/cost.ts';
import { capacityOf } from './capacity/model.ts';
import { Misused, readOptions, usage } from './capacity/options.ts';
import { describeCapacity } from './capacity/report.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    console.log(usage);
  } else {
    const { workload, json } = options;
    const assumptions = assumed(options.assumptions);
    const capacity = capacityOf(workload, assumptions);
    const prices = readPrices(options.prices ?? new URL('./capacity/prices.json', import.meta.url));
    const reported = { workload, assumptions, capacity, prices };
    const month = monthOf(capacity.usage, prices);
    console.log(json ? JSON.stringify({ ...reported, month }, undefined, 2) : describeCapacity(reported));
  }
} catch (error) {
  const { message } = error as Error;
  console.error(error instanceof Misused ? `${message}\n\n${usage}` : message);
  process.exitCode = error instanceof Misused ? 2 : 1;
}

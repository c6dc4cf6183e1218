import { DependencyUnavailable } from './core/kernel/invariant.ts';
import { batchResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, parse } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition.ts';
import { readHandler } from './runtime/middleware/api-handler.ts';
import { requestMetrics } from './runtime/telemetry/request-metrics.ts';
import { failureLine } from './runtime/telemetry.ts';

/** `POST /v1/members/lookup-batch`: up to 100 lookups, each with its own outcome, in as many round trips as one has. */
export const makeLookUpMembers = (parts: Lazily<ApiParts>) =>
  readHandler('look-up-members', parts, async ({ reader, bodies, log }, { event, deadline }) => {
    const asked = parse(event, { body: body(bodies.lookups) });
    const outcomes = await reader.lookUpMany(asked.body, deadline);
    // Damage at the writer fails one result alone, but has to be seen.
    const damage = outcomes.find((one) => one instanceof Error && !(one instanceof DependencyUnavailable));
    if (damage)
      log(
        { operation: 'look-up-members', outcome: 'internal', failure: failureLine(damage) },
        requestMetrics(false, []),
      );
    return batchResponse(outcomes);
  });

export const handler = makeLookUpMembers(apiParts);

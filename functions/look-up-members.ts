import { DependencyUnavailable } from './core/kernel/invariant.ts';
import { batchResponse } from './runtime/api/answers.ts';
import type { ApiParts, Lazily } from './runtime/api/parts.ts';
import { body, parse } from './runtime/api/requests.ts';
import { apiParts } from './runtime/composition/api.ts';
import { readHandler } from './runtime/middleware/api-handler.ts';
import { failureLine } from './runtime/telemetry.ts';

/** `POST /v1/members/lookup-batch`: up to 100 lookups, each with its own outcome, in as many round trips as one has. */
export const makeLookUpMembers = (parts: Lazily<ApiParts>) =>
  readHandler('look-up-members', parts, async ({ reader, bodies }, { event, deadline, note }) => {
    const asked = parse(event, { body: body(bodies.lookups) });
    const outcomes = await reader.lookUpMany(asked.body, deadline);
    // Damage at the writer fails one result alone, but has to be seen.
    const damage = outcomes.find((one) => one instanceof Error && !(one instanceof DependencyUnavailable));
    const answers = outcomes.flatMap((one) => (one instanceof Error ? [] : [one]));
    const shareOf = (count: number) => (answers.length > 0 ? count / answers.length : undefined);
    note({
      failure: damage && failureLine(damage),
      cacheHit: shareOf(answers.filter(({ source }) => source === 'cache').length),
      fresh: shareOf(answers.filter(({ freshness }) => freshness === 'fresh').length),
    });
    return batchResponse(outcomes);
  });

export const handler = makeLookUpMembers(apiParts);

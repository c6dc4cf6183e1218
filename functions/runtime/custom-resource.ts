/**
 * What CloudFormation asks of a function while it deploys, and how it is told the outcome: by a PUT to an address of its
 * own. A function in a network without a way out reaches that through the network's gateway to S3.
 */
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';

export type ResourceChange<Properties> =
  | { readonly kind: 'made' | 'changed'; readonly properties: Properties; readonly former: Properties | null }
  | { readonly kind: 'removed'; readonly properties: Properties };

const answerWithinMs = 10_000;
/** CloudFormation takes 4 KB in all. */
const reasonCharactersMax = 1_000;

/**
 * @param parse throws on properties that are not as they must be
 * @param work must be repeatable: CloudFormation asks again when it got no answer
 */
export const customResource =
  <Properties>(
    parse: (properties: unknown) => Properties,
    work: (change: ResourceChange<Properties>) => Promise<void>,
  ) =>
  async (event: CloudFormationCustomResourceEvent): Promise<void> => {
    // Never another one: a change of it would have CloudFormation remove the "former" resource afterwards.
    const id = event.RequestType === 'Create' ? `${event.LogicalResourceId}-kept` : event.PhysicalResourceId;
    let failure: string | null = null;
    try {
      await work(changeOf(event, parse));
    } catch (error) {
      // What could never be made has nothing to remove, and must not keep its stack from going.
      const neverMade = event.RequestType === 'Delete' && !id.endsWith('-kept');
      failure = neverMade ? null : String(error instanceof Error ? error.message : error);
    }
    const answer = await fetch(event.ResponseURL, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body: JSON.stringify({
        Status: failure === null ? 'SUCCESS' : 'FAILED',
        Reason: failure?.slice(0, reasonCharactersMax),
        PhysicalResourceId: id,
        StackId: event.StackId,
        RequestId: event.RequestId,
        LogicalResourceId: event.LogicalResourceId,
      }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
    if (!answer.ok) throw new Error(`CloudFormation's address answered ${answer.status}`);
  };

function changeOf<Properties>(
  event: CloudFormationCustomResourceEvent,
  parse: (properties: unknown) => Properties,
): ResourceChange<Properties> {
  const properties = parse(event.ResourceProperties);
  if (event.RequestType === 'Delete') return { kind: 'removed', properties };
  if (event.RequestType === 'Create') return { kind: 'made', properties, former: null };
  return { kind: 'changed', properties, former: parse(event.OldResourceProperties) };
}

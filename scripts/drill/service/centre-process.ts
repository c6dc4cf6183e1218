/** The functions of one centre, its gateways and its consumer in a process of their own: it can be lost as a whole. */
import type { Lane } from '../../../functions/core/caller/caller.ts';
import { type CentreOptions, startCentre } from '../../local/centre.ts';

/** What `startCentre` takes, as it can be sent to another process. */
export type CentreOrder = Omit<CentreOptions, 'variablesOf'> & {
  readonly variables: Readonly<Record<Lane, Record<string, string>>>;
};

export type CentreAnswer = { readonly urls: Readonly<Record<Lane, string>> } | { readonly failure: string };

async function start({ variables, ...options }: CentreOrder): Promise<CentreAnswer> {
  try {
    const { gateways } = await startCentre({ ...options, variablesOf: (lane) => variables[lane] });
    return { urls: { critical: gateways.critical.url, marketing: gateways.marketing.url } };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

process.once('message', (order) => {
  void start(order as CentreOrder).then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());

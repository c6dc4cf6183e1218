import { LocalFailure } from '../local/failure.ts';
import { destroyAll } from './cdk-commands.ts';
import { heldAt, release } from './holder.ts';
import type { Place } from './place.ts';

/** Answers the exit code. What was started here ends in any case. */
export async function destroy(place: Place, say: (line: string) => void): Promise<number> {
  const own = process.env.AWS_ENDPOINT_URL;
  const endpoint = own ?? heldAt(place)?.endpoint;
  try {
    if (endpoint === undefined) say('Nothing is deployed.');
    else await destroyAll({ directory: place.directory, endpoint, say });
  } catch (error) {
    if (!(error instanceof LocalFailure)) throw error;
    say(error.message);
    return 1;
  } finally {
    if (own === undefined) await release(place);
  }
  say('Everything is gone.');
  return 0;
}

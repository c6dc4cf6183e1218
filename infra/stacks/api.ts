import { Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Lane } from '../../functions/core/caller/caller.ts';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { RequestKind } from '../../functions/runtime/lanes.ts';
import { type ApiFunction, type Route, routes } from '../../functions/runtime/routes.ts';
import type { StageSettings } from '../centre.ts';
import { ApiNames } from '../constructs/api-names.ts';
import { functionParts } from '../constructs/function-parts.ts';
import { grantSend, grantUsual, nameQueues, nameWitness } from '../constructs/grants.ts';
import { HttpApi } from '../constructs/http-api.ts';
import { MemberFunction } from '../constructs/member-function.ts';
import { publish } from '../constructs/published.ts';
import { lanes } from '../function-settings.ts';
import { type ApiName, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** Lambda's end of an invocation; what the functions give themselves is shorter. */
const apiTimeout = Duration.seconds(10);

/** What each function is, by its routes. What has no route costs no more than what is open. */
const kinds = new Map<ApiFunction, RequestKind>([
  ...routes.map((route) => [route.function, route.kind] as const),
  ['no-route', 'open'],
]);

/**
 * The API of a centre: one HTTP API a lane, each with functions of its own, by the route table. They are public and
 * take no firewall of their own kind: names with mutual TLS keep strangers out where the settings have them, callers'
 * keys everywhere.
 *
 * Publishes `api/{critical,marketing,health}/{id,url}`, and for each of its names `api/API/{own,shared}/{target,zone}`.
 */
export class ApiStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, centre: CentreName) {
    super(scope, stackName(settings, 'api', centre), placeOf(settings, centre));
    const parts = functionParts(this, settings, centre);
    const values: Record<string, string> = {};
    for (const lane of lanes) {
      const functions = this.#functionsOf(lane, settings, centre, parts);
      const open = (name: ApiName, taken: readonly Route[]): void => {
        const shared = { settings, centre, lane, functions, key: parts.key };
        const to = new HttpApi(this, `Api-${name}`, { ...shared, name, routes: taken });
        Object.assign(values, { [`api/${name}/id`]: to.id, [`api/${name}/url`]: to.url });
        const { domain } = settings;
        if (!domain) return;
        const names = new ApiNames(this, `Names-${name}`, { domain, centre, api: name, to });
        Object.assign(values, names.published);
      };
      const ofLane = routes.filter((route) => route.lanes.includes(lane));
      open(lane, ofLane);
      // Apart, because a name without mutual TLS must lead to nothing else.
      if (lane === 'critical' && settings.domain) {
        open(
          'health',
          ofLane.filter(({ kind }) => kind === 'health'),
        );
      }
    }
    publish(this, settings, centre, values);
  }

  #functionsOf(
    lane: Lane,
    settings: StageSettings,
    centre: CentreName,
    parts: ReturnType<typeof functionParts>,
  ): ReadonlyMap<ApiFunction, MemberFunction> {
    const { environmentsMax, environmentsWarm } = settings.functions;
    const make = ([entry, kind]: readonly [ApiFunction, RequestKind]) => {
      const fn = new MemberFunction(this, `${lane}-${entry}`, {
        settings,
        centre,
        lane,
        entry,
        timeout: apiTimeout,
        environmentsMax: environmentsMax[lane][kind],
        environmentsWarm: environmentsWarm[lane][kind],
        ...parts,
      });
      grantUsual(fn);
      nameWitness(fn);
      if (kind === 'write') grantSend(fn);
      else nameQueues(fn);
      return [entry, fn] as const;
    };
    return new Map([...kinds].map(make));
  }
}

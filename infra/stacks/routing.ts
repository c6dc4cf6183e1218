import { Stack } from 'aws-cdk-lib';
import { CfnHealthCheck, CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Lane } from '../../functions/core/caller/caller.ts';
import { type CentreName, centreNames } from '../../functions/core/propagation/event.ts';
import { healthCheck, recordsOf } from '../../functions/runtime/routing.ts';
import type { StageSettings } from '../centre.ts';
import { published } from '../constructs/published.ts';
import { type DomainSettings, lanes } from '../function-settings.ts';
import { type ApiName, apiDomains, stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/**
 * How callers are led to a centre: by the health that each says of itself. Stands at the witness: to change it must need
 * neither centre. What it says is in `functions/runtime/routing.ts`, which the front door of a developer's machine
 * goes by too.
 */
export class RoutingStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, domain: DomainSettings) {
    super(scope, stackName(settings, 'routing', 'witness'), placeOf(settings, 'witness'));
    const checks = Object.fromEntries(
      centreNames.map((centre) => [centre, this.#checkOf(domain, centre)]),
    ) as Record<CentreName, CfnHealthCheck>;
    new CfnHealthCheck(this, 'AnyCentre', {
      healthCheckConfig: {
        type: 'CALCULATED',
        childHealthChecks: centreNames.map((centre) => checks[centre].attrHealthCheckId),
        healthThreshold: 1,
      },
      healthCheckTags: [{ key: 'Name', value: `membership-${settings.stage}: a centre serves` }],
    });

    const lead = (id: string, name: string, api: ApiName, centre: CentreName, kind: string, more: object) => {
      const target = (what: string) => published(this, settings, centre, `api/${api}/${kind}/${what}`);
      new CfnRecordSet(this, id, {
        hostedZoneId: domain.zoneId,
        name,
        type: 'A',
        aliasTarget: { dnsName: target('target'), hostedZoneId: target('zone'), evaluateTargetHealth: false },
        ...more,
      });
    };
    for (const centre of centreNames) {
      for (const api of [...lanes, 'health'] as const) {
        lead(`Own-${api}-${centre}`, apiDomains(domain, api, centre).own, api, centre, 'own', {});
      }
      for (const lane of lanes) {
        lead(
          `Shared-${lane}-${centre}`,
          apiDomains(domain, lane, centre).shared ?? '',
          lane,
          centre,
          'shared',
          {
            setIdentifier: centre,
            healthCheckId: checks[centre].attrHealthCheckId,
            ...policyOf(lane, centre),
          },
        );
      }
    }
  }

  #checkOf(domain: DomainSettings, centre: CentreName): CfnHealthCheck {
    return new CfnHealthCheck(this, `Centre-${centre}`, {
      healthCheckConfig: {
        type: 'HTTPS',
        fullyQualifiedDomainName: apiDomains(domain, 'health', centre).own,
        port: 443,
        resourcePath: healthCheck.path,
        requestInterval: healthCheck.requestIntervalSeconds,
        failureThreshold: healthCheck.failureThreshold,
        enableSni: true,
        measureLatency: true,
      },
      healthCheckTags: [{ key: 'Name', value: `membership: centre ${centre}` }],
    });
  }
}

function policyOf(lane: Lane, centre: CentreName): object {
  const records = recordsOf[lane];
  if (records.policy === 'weighted') return { weight: records.weights[centre] };
  return { failover: centre === records.primary ? 'PRIMARY' : 'SECONDARY' };
}

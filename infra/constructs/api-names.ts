import { CfnApiMapping, CfnDomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { CentreName } from '../../functions/core/propagation/event.ts';
import type { DomainSettings } from '../function-settings.ts';
import type { ApiName } from '../names.ts';
import { apiDomains } from '../names.ts';
import type { HttpApi } from './http-api.ts';

export interface ApiNamesProps {
  readonly domain: DomainSettings;
  readonly centre: CentreName;
  readonly api: ApiName;
  readonly to: HttpApi;
}

/**
 * The names that an API of a centre answers to: the one that both centres have, and the centre's own. With mutual TLS,
 * if the settings say so, but for the health API's: the name servers' checks have no certificate.
 */
export class ApiNames extends Construct {
  /** For records: where each name leads. */
  readonly published: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { domain, centre, api, to }: ApiNamesProps) {
    super(scope, id);
    const names = apiDomains(domain, api, centre);
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.zoneId,
      zoneName: domain.zoneName,
    });
    const certificate = new Certificate(this, 'Certificate', {
      domainName: names.own,
      subjectAlternativeNames: names.shared === undefined ? [] : [names.shared],
      validation: CertificateValidation.fromDns(zone),
    });
    const truststore = api === 'health' ? undefined : domain.truststores?.[centre];
    const make = (kind: string, name: string) => {
      const made = new CfnDomainName(this, `Name-${kind}`, {
        domainName: name,
        domainNameConfigurations: [
          { certificateArn: certificate.certificateArn, endpointType: 'REGIONAL', securityPolicy: 'TLS_1_2' },
        ],
        ...(truststore && {
          mutualTlsAuthentication: { truststoreUri: truststore.uri, truststoreVersion: truststore.version },
        }),
      });
      const mapping = new CfnApiMapping(this, `Mapping-${kind}`, {
        apiId: to.id,
        domainName: made.ref,
        stage: to.stage.stageName,
      });
      mapping.addResourceDependency(to.stage);
      return {
        [`api/${api}/${kind}/target`]: made.attrRegionalDomainName,
        [`api/${api}/${kind}/zone`]: made.attrRegionalHostedZoneId,
      };
    };
    this.published = {
      ...make('own', names.own),
      ...(names.shared !== undefined && make('shared', names.shared)),
    };
  }
}

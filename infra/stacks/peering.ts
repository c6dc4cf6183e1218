import { Stack } from 'aws-cdk-lib';
import { CfnRoute, CfnVPCPeeringConnection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { PlaceName, StageSettings } from '../centre.ts';
import { publish, published } from '../constructs/published.ts';
import { stackName } from '../names.ts';
import { placeOf } from './keys.ts';

/** Route tables in the network of a place: of functions and of data, in three zones. */
const routeTables = 6;

/** Who asks whom to be joined; each pair once. */
const asked: Readonly<Record<PlaceName, readonly PlaceName[]>> = {
  A: ['B', 'witness'],
  B: ['witness'],
  witness: [],
};
const askedBy = (place: PlaceName): readonly PlaceName[] =>
  (Object.keys(asked) as PlaceName[]).filter((other) => asked[other].includes(place));

/**
 * The ways from a place to the others: connections that it asks for, and routes both over those and over the ones that
 * others asked it for. Deployed in the order of {@link asked}.
 *
 * Publishes `peering/OTHER` for each connection it asks for.
 */
export class PeeringStack extends Stack {
  constructor(scope: Construct, settings: StageSettings, place: PlaceName) {
    super(scope, stackName(settings, 'peering', place), placeOf(settings, place));
    const made = asked[place].map((other) => {
      const connection = new CfnVPCPeeringConnection(this, `To-${other}`, {
        vpcId: published(this, settings, place, 'network/vpc'),
        peerVpcId: published(this, settings, other, 'network/vpc'),
        peerRegion: settings.places[other].region,
      });
      return [other, connection.attrId] as const;
    });
    const given = askedBy(place).map(
      (other) => [other, published(this, settings, other, `peering/${place}`)] as const,
    );
    for (const [other, connectionId] of [...made, ...given]) {
      for (let table = 0; table < routeTables; table++) {
        new CfnRoute(this, `Route-${other}-${table}`, {
          routeTableId: published(this, settings, place, `network/routes/${table}`),
          destinationCidrBlock: settings.places[other].cidr,
          vpcPeeringConnectionId: connectionId,
        });
      }
    }
    if (made.length > 0) {
      publish(this, settings, place, Object.fromEntries(made.map(([other, id]) => [`peering/${other}`, id])));
    }
  }
}

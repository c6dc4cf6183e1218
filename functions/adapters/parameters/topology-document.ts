import type { Topology, TopologyDocument } from '../../core/failover/topology.ts';
import { DependencyUnavailable } from '../../core/kernel/invariant.ts';
import { makeParameter, ParameterInvalid, type ParameterOptions } from './parameters.ts';
import { parseTopology } from './topology-store.ts';

const attemptsMax = 5;

/**
 * The durable topology of a centre, for whoever changes it. The store has no compare-and-set, but it numbers texts:
 * whoever finds that he overwrote something unseen reads that, and makes his change of it anew.
 */
export function makeTopologyDocument(options: ParameterOptions): TopologyDocument {
  const { name, parameterName } = options;
  const parameter = makeParameter(options);

  return {
    name,
    async change(change, deadline) {
      const found = await parameter.numbered(parseTopology, null, deadline);
      if (found === null)
        throw new DependencyUnavailable(name, new ParameterInvalid(`${parameterName}: is not there`));
      let { value: base, number: seen } = found;
      let { version } = base;
      for (let attempt = 1; attempt <= attemptsMax; attempt++) {
        const wanted = change(base);
        if (wanted === null && attempt === 1) return base;
        version = Math.max(version, base.version) + 1;
        const next: Topology = { ...(wanted ?? base), version };
        const number = await parameter.write(JSON.stringify(next), deadline);
        if (number <= seen + 1) return next;
        const unseen = await parameter.numbered(parseTopology, number - 1, deadline);
        if (unseen === null) return next;
        base = unseen.value;
        seen = number;
      }
      throw new DependencyUnavailable(name, new Error('others keep changing the topology'));
    },
  };
}

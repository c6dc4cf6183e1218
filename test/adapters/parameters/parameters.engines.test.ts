import { randomBytes } from 'node:crypto';
import { DeleteParameterCommand, DeleteParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { makeCallerRegistry } from '../../../functions/adapters/parameters/caller-registry.ts';
import { makeRegistryStore } from '../../../functions/adapters/parameters/registry-store.ts';
import { makeTopologyStore, writeTopology } from '../../../functions/adapters/parameters/topology-store.ts';
import { deadlineAfter } from '../../../functions/core/kernel/clock.ts';
import { engineAddress } from '../../engines.ts';
import { standIn } from '../aws.ts';
import { callerRegistryContract } from '../contract/caller-registry.ts';
import { registryStoreContract } from '../contract/registry-store.ts';
import { sampleTopology, topologyStoreContract } from '../contract/topology-store.ts';
import { sampleRegistrations } from '../sample-registrations.ts';
import { wallClock as clock } from '../wall-clock.ts';

const soon = () => deadlineAfter(clock, 10_000);

function makeParameterName() {
  const parameterName = `/test/${randomBytes(6).toString('hex')}`;
  const options = {
    ...standIn('parameters-a', engineAddress('aws-a')),
    clock,
    parameterName,
    rememberMs: 0,
    keepMs: 0,
  };
  return {
    options,
    async end() {
      const ssm = new SSMClient(options);
      await ssm.send(new DeleteParameterCommand({ Name: parameterName }));
      ssm.destroy();
    },
  };
}

topologyStoreContract('SSM', async () => {
  const { options, end } = makeParameterName();
  return {
    store: makeTopologyStore(options),
    clock,
    write: (topology) => writeTopology({ ...options, topology, deadline: soon() }),
    end,
  };
});

/** A registry stands in many parameters, of which most are never made. */
function makeRegistryName() {
  const { options } = makeParameterName();
  const names = Array.from(
    { length: 40 },
    (_, index) => `${options.parameterName}/${String(index).padStart(2, '0')}`,
  );
  return {
    options,
    async end() {
      const ssm = new SSMClient(options);
      for (let at = 0; at < names.length; at += 10)
        await ssm.send(new DeleteParametersCommand({ Names: names.slice(at, at + 10) }));
      ssm.destroy();
    },
  };
}

registryStoreContract('SSM', async () => {
  const { options, end } = makeRegistryName();
  return { store: makeRegistryStore(options), other: makeRegistryStore(options), clock, end };
});

callerRegistryContract('SSM', async () => {
  const { options, end } = makeRegistryName();
  await makeRegistryStore(options).join(sampleRegistrations, soon());
  return { registry: makeCallerRegistry(options), clock, end };
});

test('a topology is not written over a newer one', async () => {
  const { options, end } = makeParameterName();
  const write = (change: { readonly version: number; readonly epoch: number }) =>
    writeTopology({ ...options, topology: { ...sampleTopology, ...change }, deadline: soon() });
  expect(await write({ epoch: 1, version: 7 })).toBe('written');
  expect(await write({ epoch: 1, version: 6 })).toBe('newer-stands');
  expect(await write({ epoch: 1, version: 7 })).toBe('written');
  expect(await write({ epoch: 2, version: 1 })).toBe('written');
  expect(await write({ epoch: 1, version: 8 })).toBe('newer-stands');
  expect(await makeTopologyStore(options).read(soon())).toMatchObject({ epoch: 2, version: 1 });
  await end();
});

test('a parameter that is not there is said to be missing', async () => {
  const { options } = makeParameterName();
  await expect(makeTopologyStore(options).read(soon())).rejects.toMatchObject({
    code: 'dependency-unavailable',
    part: 'parameters-a',
    cause: { code: 'parameter-invalid', message: `${options.parameterName}: is not there` },
  });
});

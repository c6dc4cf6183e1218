/** What the specification of CloudWatch's embedded metric format asks of a line. */
import { expect } from 'vitest';

const units = ['Milliseconds', 'Count', 'None'];
const lineBytesMax = 1024 * 1024;
const metricsMax = 100;
const dimensionsMax = 30;

export interface EmfLine {
  readonly _aws: {
    readonly Timestamp: number;
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
    }[];
  };
  readonly [member: string]: unknown;
}

/** The line, parsed, once it was found valid. */
export function validEmf(text: string): EmfLine {
  expect(text.endsWith('\n')).toBe(true);
  expect(text.indexOf('\n')).toBe(text.length - 1);
  expect(Buffer.byteLength(text)).toBeLessThan(lineBytesMax);
  const line = JSON.parse(text) as EmfLine;
  expect(Object.keys(line._aws).sort()).toEqual(['CloudWatchMetrics', 'Timestamp']);
  expect(Number.isSafeInteger(line._aws.Timestamp)).toBe(true);
  expect(line._aws.CloudWatchMetrics.length).toBeGreaterThan(0);
  const names: string[] = [];
  for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
    expect(Namespace).toMatch(/^[^:\s]{1,256}$/);
    expect(Dimensions.length).toBeGreaterThan(0);
    for (const set of Dimensions) {
      expect(set.length).toBeLessThanOrEqual(dimensionsMax);
      for (const name of set) {
        expect(line[name], name).toEqual(expect.any(String));
        expect(String(line[name])).toMatch(/^[\x21-\x7e]{1,1024}$/);
      }
    }
    expect(Metrics.length).toBeGreaterThan(0);
    for (const { Name, Unit } of Metrics) {
      names.push(Name);
      expect(units).toContain(Unit);
      const value = line[Name];
      const values = Array.isArray(value) ? value : [value];
      expect(values.length, Name).toBeGreaterThan(0);
      expect(values.length, Name).toBeLessThanOrEqual(metricsMax);
      for (const one of values) expect(Number.isFinite(one), `${Name}: ${String(one)}`).toBe(true);
    }
  }
  expect(names.length).toBeLessThanOrEqual(metricsMax);
  expect(new Set(names).size).toBe(names.length);
  return line;
}

/** Every dimension of a line, by name. */
export const dimensionsOf = (line: EmfLine): readonly string[] => [
  ...new Set(line._aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions.flat())),
];

/** Every metric of a line, with its unit. */
export const metricsIn = (line: EmfLine): Readonly<Record<string, string>> =>
  Object.fromEntries(
    line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name, Unit }) => [Name, Unit])),
  );

/** What `global-setup.ts` synthesised, as tests look at it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { PlaceName, StageName } from '../../infra/centre.ts';
import { stackName } from '../../infra/names.ts';

// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's JSON, looked into by each test
export type Properties = any;

export interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly Metadata?: Properties;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

export interface Stack {
  readonly name: string;
  readonly file: string;
  readonly region: string;
  readonly resources: Readonly<Record<string, Resource>>;
  readonly text: string;
}

function directoryOf(stage: StageName): string {
  const directory = process.env.MEMBERSHIP_TEST_SYNTHESIS;
  if (directory === undefined) throw new Error('nothing was synthesised: run the project `infra`');
  return join(directory, stage);
}

export const readReport = (stage: StageName): Properties =>
  JSON.parse(readFileSync(join(directoryOf(stage), 'validation-report.json'), 'utf8'));

const known = new Map<StageName, readonly Stack[]>();

/** Every stack of a stage. */
export function stacksOf(stage: StageName): readonly Stack[] {
  const found = known.get(stage) ?? readStacks(stage);
  known.set(stage, found);
  return found;
}

function readStacks(stage: StageName): readonly Stack[] {
  const directory = directoryOf(stage);
  const manifest: Properties = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
  const suffix = '.template.json';
  return readdirSync(directory)
    .filter((name) => name.endsWith(suffix))
    .map((name) => {
      const file = join(directory, name);
      const text = readFileSync(file, 'utf8');
      const stack = name.slice(0, -suffix.length);
      const region = String(manifest.artifacts[stack].environment).split('/').at(-1) ?? '';
      return { name: stack, file, region, resources: JSON.parse(text).Resources ?? {}, text };
    });
}

export function stackOf(stage: StageName, part: string, place: PlaceName): Stack {
  const name = stackName({ stage }, part, place);
  const found = stacksOf(stage).find((stack) => stack.name === name);
  if (!found) throw new Error(`no stack ${name}`);
  return found;
}

/** For the library's own assertions. */
export const templateOf = (stage: StageName, part: string, place: PlaceName): Template =>
  Template.fromString(stackOf(stage, part, place).text);

/** The resources of a type, by their logical ids. */
export const resourcesOf = (stack: Stack, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(stack.resources).filter(([, resource]) => resource.Type === type);

export const propertiesOf = (stack: Stack, type: string): readonly Properties[] =>
  resourcesOf(stack, type).map(([, { Properties: found }]) => found);

/** What the CDK's command runs: `npx cdk deploy --all -c stage=production`. */
import { App } from 'aws-cdk-lib';
import { makeApp } from './app.ts';
import { stageNames, stages } from './centre.ts';

const wanted: unknown = new App().node.tryGetContext('stage') ?? 'small';
const stage = stageNames.find((name) => name === wanted);
if (stage === undefined) throw new Error(`no stage ${String(wanted)}: one of ${stageNames.join(', ')}`);
makeApp(stages[stage]).synth();

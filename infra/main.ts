/** What the CDK's command runs: `npx cdk deploy --all -c stage=production`. */
import { App } from 'aws-cdk-lib';
import { makeApp } from './app.ts';
import { stageNames, stages } from './centre.ts';

// Not synthesised itself: it would leave an empty assembly where the other's stands.
const wanted: unknown = new App({ autoSynth: false }).node.tryGetContext('stage') ?? 'small';
const stage = stageNames.find((name) => name === wanted);
if (stage === undefined) throw new Error(`no stage ${String(wanted)}: one of ${stageNames.join(', ')}`);
makeApp(stages[stage]).synth();

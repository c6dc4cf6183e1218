/** A process that starts engines in the directory it is given, says their endpoints, and waits to be killed. */
import { type PartName, startEngines } from '../../../scripts/local/engines.ts';

const [directory = '', basePort = '', ...parts] = process.argv.slice(2);
const engines = await startEngines({ directory, basePort: Number(basePort), parts: parts as PartName[] });
process.stdout.write(`${JSON.stringify(engines.endpoints)}\n`);

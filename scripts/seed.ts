/** `npm run seed`: registers members in bulk, made-up ones or those of a file. See `seed/options.ts`. */
import { seed } from './seed/command.ts';

process.exit(await seed(process.argv.slice(2)));

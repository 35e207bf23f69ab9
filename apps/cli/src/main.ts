import { Gateway, gatewaySettings } from './gateway.js';
import { run } from './program.js';

process.exitCode = await run(
  process.argv.slice(2),
  { gateway: () => new Gateway(gatewaySettings(process.env)), terminal: { out: (line) => process.stdout.write(`${line}\n`), write: (text) => process.stdout.write(text) } },
  (line) => process.stderr.write(`${line}\n`),
);

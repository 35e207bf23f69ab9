/**
 * Prints the catalogue that two modules make, as JSON: `node deploy/dist/stack/print-catalog.js <agents> <tools>`. What is wrong with them is one JSON
 * object on the last line of the errors' stream, and the exit code is 1.
 */
import { HoldfastError } from '@holdfast/contracts';
import { catalogOf } from './catalog.js';

try {
  const [agents = '', tools = ''] = process.argv.slice(2);
  const text = JSON.stringify(await catalogOf(agents, tools));
  // What a module left open must not keep us.
  process.stdout.write(text, () => process.exit(0));
} catch (error) {
  const shape = error instanceof HoldfastError ? error.toJSON() : { code: 'catalog.invalid', message: String(error), retryable: false, remedy: 'Correct the declarations.' };
  process.stderr.write(`\n${JSON.stringify(shape)}\n`, () => process.exit(1));
}

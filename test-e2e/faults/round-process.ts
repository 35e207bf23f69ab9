import { writeFileSync } from 'node:fs';
import { playRound, type RoundSpecification } from './round.ts';

/**
 * One round in a process of its own, so that a fault can have namespaces of its own and nothing is left of it:
 * `round-process.ts <specification as JSON> <file for the result>`. Ends with 0 when the round was played and judged,
 * whatever the judgement, and with 1 when it could not be played.
 */
const [specification = '', resultFile = ''] = process.argv.slice(2);
// Everything that we started is killed by the watchdog when we are gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
try {
  const result = await playRound(JSON.parse(specification) as RoundSpecification);
  writeFileSync(resultFile, JSON.stringify(result));
  process.exit(0);
} catch (error) {
  const remedy = error instanceof Error && 'remedy' in error ? `\n${String(error.remedy)}` : '';
  console.error(error instanceof Error ? `${error.stack}${remedy}` : error);
  process.exit(1);
}

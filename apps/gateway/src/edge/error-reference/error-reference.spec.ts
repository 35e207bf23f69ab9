import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { HoldfastError } from '@holdfast/contracts';
import { STATUS_BY_CODE, statusOf } from '../problem.js';
import { thrownErrors, type Thrown } from './thrown-errors.fixture.js';

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
const file = new URL('../../../../../docs/reference/errors.md', import.meta.url);
const errors = thrownErrors(repository);
const codes = [...new Set([...errors.map(({ code }) => code), ...Object.keys(STATUS_BY_CODE)])].sort();
const MOST_REMEDIES = 3;

const row = (code: string): string => {
  const made = errors.filter((each) => each.code === code);
  const remedies = [...new Set(made.map(({ remedy }) => remedy).filter((remedy) => remedy !== ''))];
  const told = remedies.length === 0 ? 'The error\'s own `remedy` tells.' : `${remedies.slice(0, MOST_REMEDIES).join(' — or: ')}${remedies.length > MOST_REMEDIES ? ' — or as the error\'s own `remedy` tells.' : ''}`;
  return `| \`${code}\` | ${statusIn(code, made)} | ${againIn(made)} | ${told.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ')} |`;
};

function againIn(made: readonly Thrown[]): string {
  const told = new Set(made.map(({ retryable }) => retryable));
  return told.size !== 1 || told.has(undefined) ? 'as it says' : told.has(true) ? 'yes' : 'no';
}

/** Of what the gateway itself refuses, or has a status for. */
function statusIn(code: string, made: readonly Thrown[]): string {
  if (!Object.hasOwn(STATUS_BY_CODE, code) && !made.some((each) => each.file.startsWith('apps/gateway/'))) return '';
  const told = new Set((made.length === 0 ? [{ retryable: false }] : made).map(({ retryable = false }) => statusOf(new HoldfastError({ code, message: '', remedy: '', retryable }))));
  return [...told].sort().join(', ');
}

const page = (): string => `# Error codes

Made from the sources; HOLDFAST_WRITE_REFERENCE=1 with the gateway's unit tests writes it, and a unit test compares it.

Every error of Holdfast has a \`code\` that is never reused for another meaning, a \`message\`, \`retryable\` and a \`remedy\`. Over HTTP it is \`application/problem+json\` (RFC 9457), whose \`type\` is \`urn:holdfast:problem:<code>\`; the command line prints it on the errors' stream; in a run's log it is the failure of a call; in a dead letter it is why.
Programs should decide by \`code\` and \`retryable\`. "status" is of codes that the gateway makes or knows; any other that reaches a client over HTTP is a 503 where it may be tried again, and a 500 where not. "again" says whether the same request may succeed later without a change. Tools and reasoners of your own may use codes of their own.

| code | status | again | what to do |
|---|---|---|---|
${codes.map(row).join('\n')}
`;

describe('docs/reference/errors.md', () => {
  it('has every stable code with what it means to a client, as the sources have it', () => {
    const made = page();
    if (process.env['HOLDFAST_WRITE_REFERENCE'] === '1') return writeFileSync(file, made);
    expect(readFileSync(file, 'utf8').split('\n')).toEqual(made.split('\n'));
  });

  it.each(['approval.answered', 'bulk.not-shown', 'cli.usage', 'auth.key-missing', 'memory.document-empty', 'doctor.clock-skew', 'log.unavailable', 'worker.absent', 'reasoner.silent', 'control.process-unknown', 'task.no-agent', 'run.history-impossible', 'fact.unprocessable', 'bulk.fits-no-more', 'http.refused', 'tool.claim-expired'])('is read from each way in which sources make errors, such as %s', (code) => {
    expect(errors.map((each) => each.code)).toContain(code);
  });
});

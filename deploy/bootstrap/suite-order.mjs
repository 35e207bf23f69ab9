import TestSequencer from '@jest/test-sequencer';

const ORDER = ['unit', 'contract', 'e2e'];

/** The fast suites first, so that a simple mistake shows at once; within a suite, Jest's own order. */
export default class SuiteOrder extends TestSequencer {
  sort(tests) {
    const rank = (test) => ORDER.indexOf(test.context.config.displayName?.name ?? '');
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}

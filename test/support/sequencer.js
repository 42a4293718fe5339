const Sequencer = require('@jest/test-sequencer').default;

const ORDER = ['unit', 'store', 'api', 'replay', 'workflow', 'e2e', 'faults'];
const rank = (test) => ORDER.indexOf(test.context.config.displayName?.name ?? '');

/** Fast projects first, so that a plain mistake is known in seconds; inside a project jest's own order. */
module.exports = class extends Sequencer {
  sort(tests) {
    const usual = [...super.sort(tests)];
    return usual.sort((a, b) => rank(a) - rank(b));
  }
};

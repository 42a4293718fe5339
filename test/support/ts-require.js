/** `node -r` this, and a process of its own can run the sources as they are: for tests that kill one. */
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023', keepClassNames: true },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
    swcrc: false,
  });
  module._compile(code, filename);
};

// Extensions are tried in this order: a module beside data of the same name goes before it, as when it is built.
const { '.json': json } = require.extensions;
delete require.extensions['.json'];
require.extensions['.json'] = json;

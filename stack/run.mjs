// The entry of the npm scripts. Plain JavaScript without dependencies: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const NEEDED = [20, 19];

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  console.error(
    `Boucle needs Node ${NEEDED.join('.')} or later (24 is a good choice); this is ${process.versions.node}.`,
  );
  process.exit(1);
}

/** Runs a child in our place: its output, its signals. Answers its exit code; a signal that ended it ends us. */
function run(args, env = {}) {
  const child = spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => {
    // Ctrl-C in a terminal reaches the whole group: the child has it already.
    const forward = () => void (!(name === 'SIGINT' && process.stdin.isTTY) && child.kill(name));
    process.on(name, forward);
    return [name, forward];
  });
  return new Promise((ended) => {
    child.on('exit', (code, signal) => {
      for (const [name, forward] of forwarded) process.off(name, forward);
      if (signal === null) ended(code ?? 1);
      else process.kill(process.pid, signal);
    });
  });
}

const become = async (args, env) => process.exit(await run(args, env));

/** All of them, whatever became of those before. */
async function inTurn(runs) {
  const codes = [];
  for (const args of runs) codes.push(await run(args));
  process.exit(Math.max(...codes));
}

const jest = [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', join(root, 'jest.config.js')];
/** Two at a time; those that start servers or watch the clock have the machine to themselves. */
const side = ['--selectProjects', 'unit', 'store', 'api'];
const alone = ['--selectProjects', 'replay', 'workflow', 'e2e'];
const dist = (file) => ['--enable-source-maps', join(root, 'dist', file)];

const COMMANDS = {
  build: (args) => (args.length > 0 ? usage() : undefined),
  start: (args) => become([...dist('stack/start.js'), ...args]),
  demo: (args) => become([...dist('sandbox/demo/main.js'), ...args]),
  bench: (args) => become([...dist('bench/main.js'), ...args]),
  generate: (args) => become([...dist('test/support/generate.js'), ...args]),
  // The slow fault tests are asked for by name.
  test: (args) =>
    args.length > 0
      ? become([...jest, ...args, ...side, ...alone.slice(1)])
      : inTurn([
          [...jest, '--maxWorkers=2', ...side],
          [...jest, '--maxWorkers=1', ...alone],
        ]),
  faults: (args) => become([...jest, ...args, '--runInBand', '--selectProjects', 'faults']),
  'record-histories': (args) =>
    become([...jest, ...args, '--selectProjects', 'workflow'], { RECORD_HISTORIES: '1' }),
  check: async () => process.exit((await import('./check.mjs')).check(root)),
};

function usage() {
  console.error(`usage: node stack/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  process.exit(2);
}

checkNode();
const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : usage;
if (command === usage) usage();
const { install } = await import('./install.mjs');
install(root);
const { mendDriver } = await import('./mend-driver.mjs');
mendDriver(root);
const { build } = await import('./build.mjs');
try {
  const { compiled } = await build(root);
  if (compiled > 0) console.log(`Built ${compiled} files.`);
} catch (fault) {
  console.error(`The build failed: ${fault instanceof Error ? fault.message : String(fault)}`);
  process.exit(1);
}
await command(args);

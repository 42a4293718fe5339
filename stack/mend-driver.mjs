import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '3.4.9';

/**
 * What the driver does wrong when its server goes away, and its words made right. Upstream knows of it and has released
 * none (porsager/postgres#1208, #1209, #1215, #1216); with a version that has, this file goes, but for the socket's delay.
 */
const MENDS = [
  {
    file: 'connection.js',
    // What was about to be written stays, and with it the belief that it will be: nothing is written ever after.
    wrong: '    clearImmediate(nextWriteTimer)\n    socket.removeListener',
    right: '    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    socket.removeListener',
  },
  {
    file: 'connection.js',
    wrong: '    clearImmediate(nextWriteTimer)\n    if (socket) {',
    right: '    clearImmediate(nextWriteTimer)\n    chunk = nextWriteTimer = null\n    if (socket) {',
  },
  {
    file: 'connection.js',
    // The answer to the last query of a connection that died is taken for the answer to the first of the next one.
    wrong: '    closedTime = performance.now()\n',
    right: '    query = results = errorResponse = null\n    closedTime = performance.now()\n',
  },
  {
    file: 'connection.js',
    // Asked for between a socket's error and its end, a query is never answered.
    wrong: '    !hadError && (query || sent.length) && error(',
    right: '    ;(query || sent.length) && error(',
  },
  {
    file: 'connection.js',
    // What is written after something else, as the end of a COPY is after its rows, waits until the server acknowledges
    // that: up to 40 ms, and a third of the time of an import. Other drivers turn this off.
    wrong: '      keep_alive && socket.setKeepAlive',
    right: '      socket.setNoDelay && socket.setNoDelay(true)\n      keep_alive && socket.setKeepAlive',
  },
  {
    file: 'index.js',
    // A statement of a transaction whose connection died ends the process, or lands in another transaction.
    wrong: 'new Promise((_, reject) => connection.onclose = reject)',
    right: 'new Promise((_, reject) => connection.onclose = e => (lost = e, reject(e)))',
  },
  {
    file: 'index.js',
    wrong: '      , connection\n      , prepare = null\n',
    right: '      , connection\n      , lost = null\n      , prepare = null\n',
  },
  {
    file: 'index.js',
    wrong: '        q.catch(e => uncaughtError || (uncaughtError = e))\n',
    right:
      '        q.catch(e => uncaughtError || (uncaughtError = e))\n        if (lost)\n          return q.reject(lost)\n',
  },
];

/** Mends the PostgreSQL driver where it is installed; nothing is done when that is done already. */
export function mendDriver(root) {
  const driver = join(root, 'node_modules', 'postgres');
  if (!existsSync(driver)) return;
  const { version } = JSON.parse(readFileSync(join(driver, 'package.json'), 'utf8'));
  if (version !== VERSION)
    throw new Error(
      `postgres is ${version}: see whether what stack/mend-driver.mjs mends in ${VERSION} is still wrong.`,
    );
  for (const name of new Set(MENDS.map(({ file }) => file))) {
    const path = join(driver, 'cjs', 'src', name);
    const before = readFileSync(path, 'utf8');
    const after = MENDS.filter(({ file }) => file === name).reduce(
      (code, { wrong, right }) => (code.includes(right) ? code : code.replace(wrong, right)),
      before,
    );
    if (after === before) continue;
    // Another process may be loading it: replaced whole, never half.
    writeFileSync(`${path}.${process.pid}.half`, after);
    renameSync(`${path}.${process.pid}.half`, path);
  }
}

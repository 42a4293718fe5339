import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { defineSearchAttributeKey } from '@temporalio/common';
import { fromRoot } from '../../config/paths';
import { SEARCH_ATTRIBUTES } from '../../domain/campaigns/search-attributes';
import { withFileLock } from '../../stack/file-lock';
import { findTemporal, findTestServer } from '../../stack/temporal-binaries';
import { RUN_DIR_KEY } from './test-server';

const toolsDir = fromRoot('.boucle');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Temporal that skips waiting: days pass in milliseconds. No schedules, no list of runs. End it with teardown(). */
export async function timeSkippingEnv(): Promise<TestWorkflowEnvironment> {
  const path = await findTestServer(toolsDir, say);
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await registerOnTestServer(env);
  return env;
}

/** The time-skipping server registers, but does not list: added blindly, one server per environment. */
async function registerOnTestServer(env: TestWorkflowEnvironment): Promise<void> {
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 2])),
  });
}

/** Temporal's development server in memory: real time, schedules, lists. End it with teardown(). */
export async function localEnv(): Promise<TestWorkflowEnvironment> {
  const path = await findTemporal(toolsDir, say);
  const searchAttributes = SEARCH_ATTRIBUTES.map((name) => defineSearchAttributeKey(name, 'KEYWORD'));
  const start = (): Promise<TestWorkflowEnvironment> =>
    TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path },
        searchAttributes,
        log: { format: 'pretty', level: 'error' },
      },
    });
  // It is given five seconds to be up, which on a machine that does much else it may miss: another has its own port.
  return start().catch(start).catch(start);
}

/**
 * The workflows of the product as one bundle, made once per run and shared by the workers: bundling takes a second
 * and more on a busy machine. Nothing is ignored: a workflow that reaches for node:crypto fails here.
 */
export async function workflowBundle(
  entry = fromRoot('workflows/index.ts'),
): Promise<WorkflowBundleWithSourceMap> {
  const dir = process.env[RUN_DIR_KEY];
  const build = (): Promise<WorkflowBundleWithSourceMap> =>
    bundleWorkflowCode({
      workflowsPath: entry,
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: (m) => say(String(m)) },
    });
  if (!dir) return build();
  const file = join(dir, `bundle-${entry.replaceAll(/\W+/g, '-')}.js`);
  return withFileLock(`${file}.lock`, async () => {
    if (!existsSync(file)) {
      writeFileSync(`${file}.half`, (await build()).code);
      renameSync(`${file}.half`, file);
    }
    return { code: readFileSync(file, 'utf8'), sourceMap: 'deprecated: this is no longer in use' };
  });
}

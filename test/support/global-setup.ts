import { openRun } from './test-server';

// Jest wants a default export of this file.
export default openRun;

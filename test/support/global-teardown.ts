import { closeRun } from './test-server';

export default closeRun;

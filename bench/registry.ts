import { audienceBench } from './audience';
import type { Bench } from './bench';
import { replayBench } from './replay';

/** Every bench there is, by name. */
export const BENCHES: readonly Bench[] = [audienceBench, replayBench];

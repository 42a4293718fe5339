import { audienceBench } from './audience';
import type { Bench } from './bench';

/** Every bench there is, by name. */
export const BENCHES: readonly Bench[] = [audienceBench];

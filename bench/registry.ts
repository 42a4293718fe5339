import { audienceBench } from './audience';
import type { Bench } from './bench';
import { deliveryBenches } from './delivery';
import { eventsBackBench } from './events-back';
import { experimentBench } from './experiment';
import { gateBench } from './gate';
import { importBench } from './import';
import { messagesBench } from './messages';
import { peekingBench } from './peeking';
import { personaliseBench } from './personalise';
import { replayBench } from './replay';
import { segmentEventBench } from './segment-event';
import { waveBench } from './wave';

/** Every bench there is, by name. */
export const BENCHES: readonly Bench[] = [
  audienceBench,
  ...deliveryBenches,
  eventsBackBench,
  experimentBench,
  gateBench,
  importBench,
  messagesBench,
  peekingBench,
  personaliseBench,
  replayBench,
  segmentEventBench,
  waveBench,
];

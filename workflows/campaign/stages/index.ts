export { approve } from './approve';
export { evaluate, experiment, observe, pilot, pilotObserve, rollout } from './deliver';
export { audit, create, define, renderUntilPassed } from './prepare';

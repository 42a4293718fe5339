import { percent } from '../../experiments/words';
import type { Rule } from './rule';

const WORTH_A_LOOK = 0.1;

/** Many planned messages that the gate did not let out: the calendar or the rules want looking at. */
export const skippedByGate: Rule = ({ report }) => {
  const { planned, reasons } = report.deliveries;
  if (planned === 0) return [];
  return reasons
    .filter(({ state, count }) => state === 'skipped' && count / planned >= WORTH_A_LOOK)
    .map(({ reason, count }) => ({
      key: reason,
      title: `Plan around what held messages back: ${reason}`,
      why: `${count} of ${planned} planned messages (${percent(count / planned)}) were skipped at the gate: ${reason}.`,
      revenuePotential: count / planned >= 0.3 ? 4 : 3,
      difficulty: 2,
      statisticalFeasibility: 3,
    }));
};

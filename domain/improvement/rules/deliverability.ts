import { percent } from '../../experiments/words';
import type { Rule } from './rule';

/** Above it, failures are no longer the odd closed mailbox. */
const WORTH_A_LOOK = 0.02;

/** Messages that failed, or of which nobody knows what became of them. */
export const deliverability: Rule = ({ report }) => {
  const { accepted, failed, uncertain, reasons } = report.deliveries;
  const handedOver = accepted + failed + uncertain;
  const lost = failed + uncertain;
  if (handedOver === 0 || (lost / handedOver < WORTH_A_LOOK && uncertain === 0)) return [];
  const top = reasons
    .filter(({ state }) => state === 'failed' || state === 'uncertain')
    .slice(0, 3)
    .map(({ reason, count }) => `${reason} (${count})`)
    .join(', ');
  return [
    {
      key: 'failures',
      title:
        uncertain > 0 && failed / handedOver < WORTH_A_LOOK
          ? 'Settle the messages whose fate is unknown'
          : 'Clean the addresses that fail and look at the sender’s standing',
      why: `Of ${handedOver} messages handed over ${failed} failed (${percent(failed / handedOver)}) and ${uncertain} are uncertain${top ? `: ${top}` : ''}.`,
      revenuePotential: lost / handedOver >= 0.05 ? 4 : 2,
      difficulty: 3,
      statisticalFeasibility: 3,
    },
  ];
};

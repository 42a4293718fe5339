import type { Evaluation } from './evaluation';

/** What became of the messages of one arm of the test. */
export interface ArmSends {
  readonly arm: string;
  readonly accepted: number;
  readonly unsubscribed: number;
  readonly complained: number;
}

/** What became of one arm, from those the gate allowed on; null: not counted, or it had no message. */
export interface ArmFunnel {
  readonly arm: string;
  readonly label: string;
  readonly allowed: number;
  readonly accepted: number | null;
  /** People with the metric's event. */
  readonly events: number | null;
  readonly unsubscribed: number | null;
  readonly complained: number | null;
  readonly rate: number;
}

/** Of a test that was run elsewhere, and of one that was read before messages were kept with it, nothing is known of them. */
export function funnelOf({ arms, sends }: Pick<Evaluation, 'arms' | 'sends'>): ArmFunnel[] {
  return arms.map(({ arm, label, n, events, rate }) => {
    const own = sends?.find((one) => one.arm === arm);
    return {
      arm,
      label,
      allowed: n,
      accepted: own?.accepted ?? null,
      events,
      unsubscribed: own?.unsubscribed ?? null,
      complained: own?.complained ?? null,
      rate,
    };
  });
}

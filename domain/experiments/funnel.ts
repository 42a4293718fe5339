import type { Evaluation } from './evaluation';

/** What became of one arm, from those the gate allowed on; null: not counted. */
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

/** What was sent is known from the guardrails, which are counted on it. Tests that were read before them have none. */
export function funnelOf({
  arms,
  guardrails = [],
}: Pick<Evaluation, 'arms'> & Partial<Pick<Evaluation, 'guardrails'>>): ArmFunnel[] {
  return arms.map(({ arm, label, n, events, rate }) => {
    const own = guardrails.filter((one) => one.arm === arm);
    const counted = (metric: string) => own.find((one) => one.metric === metric)?.events ?? null;
    return {
      arm,
      label,
      allowed: n,
      accepted: own[0]?.n ?? null,
      events,
      unsubscribed: counted('unsubscribe'),
      complained: counted('complaint'),
      rate,
    };
  });
}

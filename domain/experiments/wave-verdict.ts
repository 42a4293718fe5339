import { anyLook, judgeGuardrail, type Bound, type Guardrail } from './guardrail';
import { percent } from './words';

/** What a wave has come to so far. */
export interface WaveOutcome {
  readonly accepted: number;
  readonly failed: number;
  readonly uncertain: number;
  readonly unsubscribed: number;
  readonly complained: number;
}

/** Events per message that are too many, between 0 and 1. */
export interface Limit {
  readonly metric: 'unsubscribe' | 'complaint';
  readonly limit: number;
}

export interface WaveVerdict {
  readonly ok: boolean;
  readonly guardrails: readonly Guardrail[];
  readonly words: string;
}

/**
 * Share of messages handed over that were refused for good. Above it something is wrong with the list or the sender,
 * and mailbox providers start to treat every message of that sender worse.
 */
const DELIVERY_FAILURE_LIMIT = 0.05;

/**
 * What goes on for months is judged by what it sent of late: what began yesterday must not hide behind a good year. Each
 * stretch of so many days is judged together with the one before it: a week holds every weekday and the days a complaint
 * takes to come.
 */
export const RECENT_DAYS = 7;

/**
 * It is judged every hour or so, from each of these stretches on. The five in a hundred of a false alarm are those of the
 * whole period, shared out among its stretches: a campaign whose rate is at its limit all along is held for nothing with
 * that probability, once.
 */
export const recentBound = (periodSeconds: number): Bound =>
  anyLook(Math.max(1, Math.ceil(periodSeconds / (RECENT_DAYS * 86_400))));

/** Judges a wave by the scenario's guardrails and by how its messages were taken. bound: left out, that of one look. */
export function judgeWave(outcome: WaveOutcome, limits: readonly Limit[], bound?: Bound): WaveVerdict {
  const by = bound === undefined ? {} : { bound };
  const events = { unsubscribe: outcome.unsubscribed, complaint: outcome.complained } as const;
  const guardrails = [
    ...limits.map(({ metric, limit }) =>
      judgeGuardrail({ metric, n: outcome.accepted, events: events[metric], limit, ...by }),
    ),
    judgeGuardrail({
      metric: 'delivery-failure',
      n: outcome.accepted + outcome.failed,
      events: outcome.failed,
      limit: DELIVERY_FAILURE_LIMIT,
      ...by,
    }),
  ];
  const crossed = guardrails.filter((g) => g.crossed);
  const words = (crossed.length > 0 ? crossed : guardrails).map(guardrailWords).join('; ');
  return {
    ok: crossed.length === 0,
    guardrails,
    words: crossed.length > 0 ? `Guardrail crossed: ${words}.` : `Within every limit: ${words}.`,
  };
}

const guardrailWords = ({ metric, n, events, rate, lower95, limit, crossed }: Guardrail): string =>
  crossed
    ? `${metric} ${percent(rate)} (${events} of ${n}; at least ${percent(lower95)} with 95% confidence), limit ${percent(limit)}`
    : `${metric} ${percent(rate)} (${events} of ${n}), limit ${percent(limit)}`;

import { lnEvidence } from './always-valid';
import { lnEventShareEvidence } from './event-share';
import { asP } from './p-value';
import { percent } from './words';

/** What was counted of a guardrail in one arm that was sent. */
export interface ArmGuardrailCount {
  readonly metric: string;
  /** Events per message that is too many, between 0 and 1. */
  readonly limit: number;
  readonly arms: readonly {
    readonly key: string;
    /** Messages handed over; 0: the arm was not sent. */
    readonly n: number;
    readonly events: number;
  }[];
  /** Also lost by an arm that is worse than this one, which was sent too. */
  readonly against?: string;
}

export interface ArmGuardrail {
  readonly metric: string;
  readonly arm: string;
  readonly n: number;
  readonly events: number;
  readonly rate: number;
  readonly limit: number;
  /** That the rate is above the limit: holds at every look. */
  readonly p: number;
  /** That it is above the other sent arm's; null: not asked, or that one is it. */
  readonly pAgainst: number | null;
  readonly lost: boolean;
  readonly words: string;
}

/** Fewer are anecdotes. */
const MIN_EVENTS = 5;

/**
 * Judges guardrails arm by arm, with what holds however often it is asked: evidence against “the rate is at most the limit”,
 * and against “no worse than the arm it is held against”. alpha is shared among all of them (Bonferroni: one false alarm
 * in 1 / alpha tests, whatever is watched).
 */
export function judgeArmGuardrails(given: readonly ArmGuardrailCount[], alpha: number): ArmGuardrail[] {
  const sent = given.map((one) => ({ ...one, arms: one.arms.filter(({ n }) => n > 0) }));
  const asked = sent.reduce((sum, { arms, against }) => {
    const compared = arms.some(({ key }) => key === against) ? arms.length - 1 : 0;
    return sum + arms.length + compared;
  }, 0);
  return sent.flatMap(({ metric, limit, arms, against }) => {
    const other = arms.find(({ key }) => key === against);
    return arms.map(({ key, n, events: counted }): ArmGuardrail => {
      const events = Math.min(counted, n);
      const p = asP(Math.exp(-lnEvidence(events, n, limit)));
      const pAgainst =
        other === undefined || other.key === key
          ? null
          : asP(
              Math.exp(
                -lnEventShareEvidence({
                  arm: events,
                  reference: Math.min(other.events, other.n),
                  share: n / (n + other.n),
                }),
              ),
            );
      const below = alpha / Math.max(1, asked);
      const overLimit = p < below;
      const worse = pAgainst !== null && pAgainst < below;
      const lost = events >= MIN_EVENTS && (overLimit || worse);
      const rate = events / n;
      return {
        metric,
        arm: key,
        n,
        events,
        rate,
        limit,
        p,
        pAgainst,
        lost,
        words: `${metric} ${percent(rate)} (${events} of ${n}), limit ${percent(limit)}${lost && worse && !overLimit ? `, and worse than ${against}` : ''}`,
      };
    });
  });
}

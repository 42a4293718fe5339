import type { Channel, DeliveryState } from '../shared/words';
import { reasonParts, reasonWords } from './reason-words';

export interface ConsentProof {
  readonly eventId: number;
  readonly action: string;
  readonly purpose: string;
  readonly channel: string;
  readonly at: Date;
  readonly expiresAt: Date | null;
  readonly source: string;
  readonly legalBasis: string;
  readonly wordingSha256: string | null;
}

export interface ExplainedDelivery {
  readonly id: number;
  readonly step: string;
  readonly wave: string;
  readonly channel: Channel;
  readonly arm: string;
  readonly state: DeliveryState;
  readonly code: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly gatedAt: Date;
  readonly notBefore: Date | null;
  readonly settledAt: Date | null;
  /** What the gate found about consent; null: the message needs none, or none was ever said. */
  readonly consent: ConsentProof | null;
  readonly events: readonly { readonly type: string; readonly at: Date }[];
}

/** Everything kept about one person and one campaign. */
export interface ExplanationFacts {
  readonly frozenAt: Date | null;
  readonly member: {
    readonly part: string;
    readonly arm: string | null;
    readonly persona: string;
    /** A wave that covers their place has been planned. */
    readonly planned: boolean;
  } | null;
  /**
   * Of somebody outside the audience, judged as things stand now, since a freeze keeps only its counts; null: a member,
   * or the rules cannot be read any more.
   */
  readonly outside: { readonly matches: boolean; readonly reason: string | null } | null;
  /** Of the control arm: what the gate would have said. */
  readonly control: readonly {
    readonly step: string;
    readonly arm: string;
    readonly allowed: boolean;
    readonly reason: string | null;
    readonly gatedAt: Date;
  }[];
  readonly deliveries: readonly ExplainedDelivery[];
  readonly suppressions: readonly { readonly scope: string; readonly reason: string; readonly at: Date }[];
}

export interface Statement {
  /** Stable; its detail (a cap's key, a rival campaign) stands after a colon. */
  readonly code: string;
  /** When it became so; null: as things stand now. */
  readonly at: Date | null;
  /** One sentence in English; nothing in it names the person. */
  readonly words: string;
}

/** Why this person did or did not get it, as sentences in the order things happened. */
export function explain(facts: ExplanationFacts): Statement[] {
  return [
    ...audienceStatements(facts),
    ...facts.control.map((control): Statement => ({
      code: 'control',
      at: control.gatedAt,
      words: control.allowed
        ? `Arm ${control.arm} gets nothing: the gate would have allowed step ${control.step}.`
        : `Arm ${control.arm} gets nothing; step ${control.step} would have been refused too: the person ${reasonWords(control.reason ?? '')}`,
    })),
    ...facts.deliveries.flatMap((delivery) => deliveryStatements(delivery, facts)),
  ];
}

function audienceStatements({
  frozenAt,
  member,
  outside,
  control,
  deliveries,
}: ExplanationFacts): Statement[] {
  if (member !== null) {
    const { part, arm, persona } = member;
    const place = `part ${part}, ${arm === null ? 'arm decided by the wave' : `arm ${arm}`}, persona ${persona}`;
    const waiting = deliveries.length === 0 && control.length === 0;
    return [
      { code: 'in-audience', at: frozenAt, words: `The person is in the audience: ${place}.` },
      ...(waiting && !member.planned
        ? [{ code: 'no-wave', at: null, words: 'No wave that includes this person has been planned yet.' }]
        : []),
      ...(waiting && member.planned
        ? [
            {
              code: 'not-looked-at',
              at: null,
              words: 'Their wave is planned, and the gate has not looked at them yet.',
            },
          ]
        : []),
    ];
  }
  if (deliveries.length > 0) return [];
  if (frozenAt === null) return [{ code: 'not-frozen', at: null, words: 'The audience is not frozen yet.' }];
  const out: Statement = {
    code: 'not-in-audience',
    at: frozenAt,
    words: 'The person was not in the audience when it was frozen.',
  };
  if (outside === null) return [out];
  if (!outside.matches)
    return [
      out,
      { code: 'not-in-segment', at: null, words: 'As things stand now, they do not match the segment.' },
    ];
  return [
    out,
    outside.reason === null
      ? {
          code: 'joined-since',
          at: null,
          words: 'As things stand now, they would be in: they came to match it since.',
        }
      : {
          code: `excluded:${outside.reason}`,
          at: null,
          words: `As things stand now, they match the segment and are kept out: the person ${reasonWords(outside.reason)}`,
        },
  ];
}

function deliveryStatements(delivery: ExplainedDelivery, facts: ExplanationFacts): Statement[] {
  const { step, wave, channel, gatedAt, consent } = delivery;
  return [
    ...(consent === null
      ? []
      : [
          {
            code: `consent:${consent.eventId}`,
            at: consent.at,
            words: `Consent event ${consent.eventId}: ${consent.action} for ${consent.purpose} on ${consent.channel} (${consent.source}, ${consent.legalBasis}${consent.expiresAt === null ? '' : `, until ${consent.expiresAt.toISOString()}`}).`,
          },
        ]),
    { code: `gate:${gateCode(delivery)}`, at: gatedAt, words: gateWords(delivery, facts) },
    {
      code: `delivery:${delivery.state}`,
      at: delivery.settledAt,
      words: `Step ${step}, wave ${wave}, by ${channel}: ${STATE_WORDS[delivery.state](delivery)}`,
    },
    ...delivery.events.map(({ type, at }) => ({
      code: type,
      at,
      words: `${type.replace('message.', 'The message was ')}.`,
    })),
  ];
}

/** Reasons of a row that the gate had let through: they tell of the way, not of the gate. */
const ON_THE_WAY = new Set(['retry', 'rate', 'backoff', 'fallback', 'worker-lost']);

const refusal = ({ state, reason }: ExplainedDelivery): string | null =>
  reason !== null &&
  (state === 'skipped' || (state === 'planned' && !ON_THE_WAY.has(reasonParts(reason).code)))
    ? reason
    : null;

function gateCode(delivery: ExplainedDelivery): string {
  const reason = refusal(delivery);
  if (reason === null) return 'allow';
  return delivery.state === 'skipped' ? `skip:${reason}` : `defer:${reason}`;
}

function gateWords(delivery: ExplainedDelivery, { suppressions }: ExplanationFacts): string {
  const reason = refusal(delivery);
  if (reason === null) return 'The gate allowed it.';
  const why = `the person ${reasonWords(reason)}`;
  if (delivery.state === 'planned')
    return `The gate put it off${delivery.notBefore === null ? '' : ` until ${delivery.notBefore.toISOString()}`}: ${why}`;
  const buried =
    reason === 'suppressed'
      ? suppressions.map((s) => `${s.reason} of ${s.at.toISOString()}, ${s.scope}`)
      : [];
  return `The gate refused it: ${why}${buried.length === 0 ? '' : ` (${buried.join('; ')})`}`;
}

const STATE_WORDS: Readonly<Record<DeliveryState, (delivery: ExplainedDelivery) => string>> = {
  planned: ({ reason }) => (reason === null ? 'planned.' : `planned; the person ${reasonWords(reason)}`),
  claimed: () => 'claimed, about to be handed over.',
  sending: () => 'on the wire.',
  accepted: ({ attempts }) => `accepted by the provider at attempt ${attempts}.`,
  failed: ({ code }) => `refused for good (${code ?? 'no code'}).`,
  skipped: () => 'not sent.',
  uncertain: ({ reason }) =>
    `nobody knows whether it went (${reason ?? 'no answer'}); it is not sent again by itself.`,
};

import type { DeliveryState } from '../shared/words';
import type { ExplainedDelivery, ExplanationFacts } from './explanation-facts';
import { reasonParts, reasonWords } from './reason-words';

export interface Statement {
  /** Stable; its detail (a cap's key, a rival campaign) stands after a colon. */
  readonly code: string;
  /** When it became so; null: as things stand now. */
  readonly at: Date | null;
  /** One sentence in English; nothing in it names the person. */
  readonly words: string;
}

/** Why this person did or did not get it, as sentences in the order things are decided. */
export function explain(facts: ExplanationFacts): Statement[] {
  return [
    ...(facts.mergedInto === null
      ? []
      : [
          {
            code: `merged:${facts.mergedInto}`,
            at: null,
            words: `The profile was merged into ${facts.mergedInto}, which stands for the person.`,
          },
        ]),
    ...ruleStatements(facts),
    ...facts.holdouts.map(holdoutStatement),
    ...audienceStatements(facts),
    ...facts.waves.map(({ step, wave, startedAt, deadlineAt }) => ({
      code: `wave:${step}/${wave}`,
      at: startedAt,
      words: `Wave ${wave} of step ${step}, which includes them, was planned${deadlineAt === null ? '' : `, to end by ${deadlineAt.toISOString()}`}.`,
    })),
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

/** The clauses themselves stand in `rules`. */
function ruleStatements({ rules }: ExplanationFacts): Statement[] {
  const chosen = rules.find(({ kind, holds }) => kind === 'persona' && holds);
  return rules.flatMap((rule) => {
    const { kind, key, version, holds } = rule;
    if (kind === 'segment')
      return [
        {
          code: `segment:${holds ? 'in' : 'out'}`,
          at: null,
          words: `As things stand now, version ${version} of segment ${key} ${holds ? 'holds' : 'does not hold'} for them.`,
        },
      ];
    if (rule !== chosen) return [];
    return [
      {
        code: `persona:${key}`,
        at: null,
        words: `As things stand now, ${key} (version ${version}) is the first persona whose rule holds for them.`,
      },
    ];
  });
}

const holdoutStatement = ({ key, share, drew, held }: ExplanationFacts['holdouts'][number]): Statement => ({
  code: held ? `held-out:${key}` : `not-held-out:${key}`,
  at: null,
  words: `Holdout ${key}: their hash is ${drew.toFixed(4)}, ${drew < share ? 'below' : 'not below'} ${share}${drew < share && !held ? ', and it is of another market' : ''}.`,
});

const exclusionWords = ({
  group,
  drew,
  from,
  to,
}: NonNullable<NonNullable<ExplanationFacts['draw']>['exclusion']>): string =>
  `; in the exclusion group ${group} they lie at ${drew.toFixed(4)}, ${drew >= from && drew < to ? 'in' : 'outside'} the test's part (${from} to ${to})`;

function drawWords(
  { part, arm, bucket, stratifyBy, exclusion }: NonNullable<ExplanationFacts['draw']>,
  theirs: string,
): string {
  const words = `; by hash under the campaign's seed, part ${part.toFixed(4)}, arm ${arm.toFixed(4)}, bucket ${bucket.toFixed(4)}${exclusion === undefined ? '' : exclusionWords(exclusion)}`;
  return stratifyBy.length === 0 || theirs !== 'test'
    ? words
    : `${words}; arms are dealt in the order of the hash among those alike in ${stratifyBy.join(', ')}`;
}

function audienceStatements({
  frozenAt,
  member,
  outside,
  control,
  deliveries,
  draw,
}: ExplanationFacts): Statement[] {
  if (member !== null) {
    const { part, arm, persona } = member;
    const place = `part ${part}, ${arm === null ? 'arm decided by the wave' : `arm ${arm}`}, persona ${persona}`;
    // What a merged number was sent says nothing of this one's own place.
    const waiting = deliveries.every(({ mergedId }) => mergedId !== null) && control.length === 0;
    return [
      {
        code: 'in-audience',
        at: frozenAt,
        words: `The person is in the audience: ${place}${draw === null ? '' : drawWords(draw, part)}.`,
      },
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
  const { step, wave, channel, gatedAt, consent, mergedId } = delivery;
  return [
    ...(mergedId === null
      ? []
      : [
          {
            code: `of-merged:${mergedId}`,
            at: null,
            words: `Step ${step}, wave ${wave} was for profile ${mergedId}, which was merged into this one.`,
          },
        ]),
    ...(consent === null
      ? []
      : [
          {
            code: `consent:${consent.eventId}`,
            at: consent.at,
            words: `Consent event ${consent.eventId}: ${consent.action} for ${consent.purpose} on ${consent.channel} (${consent.source}, ${consent.legalBasis}${consent.expiresAt === null ? '' : `, until ${consent.expiresAt.toISOString()}`}).`,
          },
        ]),
    ...delivery.looks.map((look) => lookStatement(look, facts)),
    {
      code: `gate:${gateCode(delivery)}`,
      at: gatedAt,
      words: `${gateWords(delivery, facts)}${capWords(gatedAt, facts)}`,
    },
    ...(delivery.contactAt === null
      ? []
      : [{ code: 'contact', at: delivery.contactAt, words: 'It counts among the contacts that caps hold.' }]),
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

/** A row waits for the gate, or for its way to be free again after the gate had let it through. */
function lookStatement(
  { at, reason, until }: ExplainedDelivery['looks'][number],
  facts: ExplanationFacts,
): Statement {
  const onTheWay = ON_THE_WAY.has(reasonParts(reason).code);
  const waited = `${onTheWay ? 'It waited' : 'The gate put it off'}${until === null ? '' : ` until ${until.toISOString()}`}`;
  return {
    code: `${onTheWay ? 'wait' : 'gate:defer'}:${reason}`,
    at,
    words: `${waited}: the person ${reasonWords(reason)}${capWords(at, facts)}`,
  };
}

/** What a cap that held somebody back at a moment had counted. */
function capWords(at: Date, { caps }: ExplanationFacts): string {
  const cap = caps.find((one) => one.at.getTime() === at.getTime());
  if (cap === undefined) return '';
  const times = cap.contacts.map((contact) => contact.at.toISOString().slice(0, 16));
  const allows =
    cap.limit === null
      ? ''
      : ` ${cap.limit} allowed${cap.windowDays === null ? '' : ` in ${cap.windowDays} days`};`;
  return ` (${cap.key}:${allows} contacts ${times.length === 0 ? 'none' : times.join(', ')})`;
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

import { natureRule } from '../delivery/nature-rules';
import { holm } from '../experiments/holm';
import { rateOf, smallestExpected, twoProportionTest, type Count } from '../experiments/two-proportions';
import type { Nature } from '../shared/words';
import type { CapRules } from './cap';
import { windowDaysOf } from './pressure';

/** What happened with one nature over the weeks looked at. */
export interface NatureFacts {
  readonly nature: Nature;
  /** Most contacts in one window that 95 of 100 contacted people had no more than; engaged people clicked meanwhile. */
  readonly contacted: { readonly people: number; readonly p95: number };
  readonly engaged: { readonly people: number; readonly p95: number };
  /** Contacts by which one it was for the person within the window (1 the first), and refusals that followed it. */
  readonly doses: readonly { readonly dose: number; readonly contacts: number; readonly refusals: number }[];
}

export interface CapProposal {
  readonly nature: Nature;
  readonly limit: number;
  readonly windowDays: number;
  /** `uncapped`: no cap holds this nature and its people get more than engaged ones do. `refusals-rise`: more of them refuse. */
  readonly reasons: readonly ProposalReason[];
}

export type ProposalReason =
  | {
      readonly code: 'uncapped';
      readonly contactedP95: number;
      readonly engagedP95: number;
      readonly words: string;
    }
  | {
      readonly code: 'refusals-rise';
      readonly fromDose: number;
      readonly rateBelow: number;
      readonly rateFrom: number;
      readonly p: number;
      readonly words: string;
    };

/** Fewer engaged people than this say nothing about what people bear. */
const LEAST_ENGAGED = 30;
const ALPHA = 0.05;
/** Cells of a test must be expected to hold so many, or its z cannot be trusted. */
const LEAST_EXPECTED = 5;

/**
 * Caps that what happened speaks for, at most one a nature, with every reason; nothing where a cap for everybody is as
 * strict already, and nothing for natures that caps do not hold.
 */
export function proposeCaps(
  facts: readonly NatureFacts[],
  caps: CapRules,
  windowDays: number,
): CapProposal[] {
  return facts.flatMap((fact) => {
    if (!natureRule(fact.nature).caps) return [];
    const found = [uncapped(fact, caps), refusalsRise(fact)].filter((one) => one !== null);
    const limit = Math.min(...found.map((one) => one.limit));
    if (found.length === 0 || heldAlready(caps, fact.nature, limit, windowDays)) return [];
    return [{ nature: fact.nature, limit, windowDays, reasons: found.map((one) => one.reason) }];
  });
}

interface Finding {
  readonly limit: number;
  readonly reason: ProposalReason;
}

function uncapped({ nature, contacted, engaged }: NatureFacts, caps: CapRules): Finding | null {
  const limited = Object.values(caps).some((rule) => rule.nature === nature && rule.limit !== null);
  if (limited || engaged.people < LEAST_ENGAGED || contacted.p95 <= engaged.p95) return null;
  return {
    limit: Math.max(1, engaged.p95),
    reason: {
      code: 'uncapped',
      contactedP95: contacted.p95,
      engagedP95: engaged.p95,
      words: `No cap holds it: 5 in 100 people get ${contacted.p95} or more, of those who click ${engaged.p95}.`,
    },
  };
}

/** The smallest number from which on refusals are more frequent than below it, tested over every number together. */
function refusalsRise({ doses }: NatureFacts): Finding | null {
  const over = (of: (dose: number) => boolean): Count =>
    doses
      .filter(({ dose }) => of(dose))
      .reduce((sum, d) => ({ n: sum.n + d.contacts, events: sum.events + d.refusals }), { n: 0, events: 0 });
  const cuts = doses
    .map(({ dose }) => dose)
    .filter((dose) => dose > 1)
    .toSorted((a, b) => a - b)
    .map((dose) => ({ dose, below: over((d) => d < dose), from: over((d) => d >= dose) }))
    .filter(({ below, from }) => smallestExpected(from, below) >= LEAST_EXPECTED);
  const tests = cuts.map(({ below, from }) => twoProportionTest(from, below));
  const adjusted = holm(tests.map(({ p }) => p));
  const at = cuts.findIndex((_, i) => (tests[i]?.z ?? 0) > 0 && (adjusted[i] ?? 1) < ALPHA);
  const cut = cuts[at];
  if (cut === undefined) return null;
  const rateBelow = rateOf(cut.below);
  const rateFrom = rateOf(cut.from);
  return {
    limit: cut.dose - 1,
    reason: {
      code: 'refusals-rise',
      fromDose: cut.dose,
      rateBelow,
      rateFrom,
      p: adjusted[at] ?? 1,
      words: `From contact ${cut.dose} of a window on ${percent(rateFrom)} refuse, before it ${percent(rateBelow)}.`,
    },
  };
}

const percent = (rate: number): string => `${(rate * 100).toFixed(2)} %`;

/** Whether a cap for everybody lets no more a day through than the proposal would. */
const heldAlready = (caps: CapRules, nature: Nature, limit: number, windowDays: number): boolean =>
  Object.values(caps).some((rule) => {
    const narrow = [rule.channel, rule.department, rule.format, rule.segment, rule.recipientType];
    return (
      rule.nature === nature &&
      rule.limit !== null &&
      narrow.every((part) => part === undefined) &&
      rule.limit / windowDaysOf(rule) <= limit / windowDays
    );
  });

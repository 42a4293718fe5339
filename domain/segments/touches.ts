import type { ResolvedRule } from './rule';

/** What a rule reads: it need only be asked again where something of this has changed. */
export interface Touches {
  readonly attributes: ReadonlySet<string>;
  /** How many days back it looks, by type; Infinity: over everything there ever was. */
  readonly eventTypes: ReadonlyMap<string, number>;
  /** `purpose channel`. */
  readonly consents: ReadonlySet<string>;
  readonly interests: ReadonlySet<string>;
  readonly reachable: boolean;
  /** The passing of time may change its answer by itself. */
  readonly time: boolean;
}

/** Of some rules together. */
export function touchesOf(rules: readonly ResolvedRule[]): Touches {
  const attributes = new Set<string>();
  const eventTypes = new Map<string, number>();
  const consents = new Set<string>();
  const interests = new Set<string>();
  let reachable = false;
  let time = false;
  const visit = (r: ResolvedRule): void => {
    if ('all' in r) r.all.forEach(visit);
    else if ('any' in r) r.any.forEach(visit);
    else if ('not' in r) visit(r.not);
    else if ('attribute' in r) attributes.add(r.attribute);
    else if ('event' in r) {
      const days = (r.withinDays ?? Infinity) + ('usualDays' in r ? r.usualDays : 0);
      eventTypes.set(r.event, Math.max(days, eventTypes.get(r.event) ?? 0));
      // Without a window too: an event may be dated ahead.
      time = true;
    } else if ('consent' in r) {
      consents.add(`${r.consent} ${r.channel}`);
      time = true;
    } else if ('interest' in r) {
      interests.add(r.interest);
      time = true;
    } else if ('reachable' in r) reachable = true;
    else if (!('everyone' in r)) {
      attributes.add('date' in r ? r.date : 'age' in r ? r.of : r.anniversary);
      time = true;
    }
  };
  rules.forEach(visit);
  return { attributes, eventTypes, consents, interests, reachable, time };
}

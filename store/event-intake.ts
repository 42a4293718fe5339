import { z } from 'zod';
import { isOwnEventId } from '../domain/delivery/message-events';
import { checkEvent, type EventFault, type EventRules, type ReadyEvent } from '../domain/events/check-event';
import { BoucleError, type Fault } from '../domain/shared/errors';
import type { DeadLettersStore, Refused } from './dead-letters-store';
import type { EventsStore } from './events-store';
import { createPoliciesStore } from './policies-store';
import type { Sql } from './db';

export interface RejectedEvent {
  readonly index: number;
  readonly code: EventFault;
  readonly faults: readonly Fault[];
}

export interface TakenEvents {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly RejectedEvent[];
}

export interface ReplayedLetters {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly {
    /** Of the letter. */
    readonly id: number;
    readonly code: EventFault;
    readonly faults: readonly Fault[];
  }[];
}

/** How old the types may be that events are checked by. */
const RULES_KEPT_MS = 2_000;

/**
 * The door of events: what can be used goes in, each once by its id; what cannot is kept as a dead letter with its reason.
 */
export function createEventIntake(deps: {
  readonly events: EventsStore;
  readonly deadLetters: DeadLettersStore;
  readonly rules: () => Promise<EventRules>;
}) {
  const { events, deadLetters, rules } = deps;

  const sort = async (given: readonly unknown[]): Promise<TakenEvents> => {
    const by = await rules();
    const now = Date.now();
    const ready: { index: number; event: ReadyEvent }[] = [];
    const rejected: RejectedEvent[] = [];
    given.forEach((one, index) => {
      const checked = checkEvent(one, by, now);
      if (checked.ok) ready.push({ index, event: checked.event });
      else rejected.push({ index, code: checked.code, faults: checked.faults });
    });
    const appended = await events.append(ready.map(({ event }) => event));
    for (const { index, code } of appended.rejected)
      rejected.push({
        index: ready[index]?.index ?? index,
        code,
        faults: [{ path: '/profile', message: 'nobody is known by this' }],
      });
    rejected.sort((a, b) => a.index - b.index);
    return { accepted: appended.accepted, duplicates: appended.duplicates, rejected };
  };

  return {
    /** Answers once whom they are about is in the right segments, and what was refused is kept. */
    async take(given: readonly unknown[], by: string): Promise<TakenEvents> {
      const taken = await sort(given);
      const refused = taken.rejected.map(({ index, code, faults }): Refused => ({
        body: given[index],
        reason: code,
        faults,
      }));
      await deadLetters.keep(refused, by);
      return taken;
    },

    /** Tries dead letters again. What still cannot be used waits on, with what is wrong with it now. */
    async replay(ids: readonly number[]): Promise<ReplayedLetters> {
      const letters = await deadLetters.waiting(ids);
      const { accepted, duplicates, rejected } = await sort(letters.map(({ body }) => body));
      const still = new Map(
        rejected.flatMap(({ index, code, faults }) => {
          const id = letters[index]?.id;
          return id === undefined ? [] : [[id, { reason: code, faults }] as const];
        }),
      );
      const done = letters.map(({ id }) => id).filter((id) => !still.has(id));
      await deadLetters.replayed(done, still);
      return {
        accepted,
        duplicates,
        rejected: [...still].map(([id, { reason, faults }]) => ({ id, code: reason, faults })),
      };
    },

    /**
     * A dead letter as somebody has mended it: what it was is over. null: none waits by this id. Throws invalid-request for
     * what is no event, or another one than the letter's.
     */
    async mend(id: number, body: unknown, by: string): Promise<TakenEvents | null> {
      const [letter] = await deadLetters.waiting([id]);
      if (letter === undefined) return null;
      sameEvent(letter.body, body);
      const taken = await sort([body]);
      const [refused] = taken.rejected;
      if (refused === undefined) await deadLetters.replayed([id], new Map());
      else await deadLetters.replace(id, { body, reason: refused.code, faults: refused.faults }, by);
      return taken;
    },
  };
}

/** A letter whose own id is at fault may be given another. */
function sameEvent(waiting: unknown, mended: unknown): void {
  const refused = (path: string, message: string): never => {
    throw new BoucleError('invalid-request', 'The dead letter is not mended by this.', [{ path, message }]);
  };
  if (typeof mended !== 'object' || mended === null || Array.isArray(mended))
    return refused('', 'is no event');
  const [was, is] = [idIn(waiting), idIn(mended)];
  if (was !== null && !isOwnEventId(was) && was !== is)
    refused('/id', `is another event's: the one that waits is ${was.slice(0, 200)}`);
}

const eventWithId = z.looseObject({ id: z.string().min(1) });

const idIn = (body: unknown): string | null => eventWithId.safeParse(body).data?.id ?? null;

export type EventIntake = ReturnType<typeof createEventIntake>;

/** The types events are checked by, as they stand now. */
export function eventRules(sql: Sql, unknown: EventRules['unknown']): () => Promise<EventRules> {
  const policies = createPoliciesStore(sql);
  return async () => {
    const types = Object.values(await policies.list('event-type'));
    return { types: new Map(types.map((type) => [type.type, type])), unknown };
  };
}

/** Asked for at most once every two seconds. */
export function keptRules(read: () => Promise<EventRules>): () => Promise<EventRules> {
  let kept: { readonly at: number; readonly rules: Promise<EventRules> } | undefined;
  return () => {
    if (kept === undefined || Date.now() - kept.at > RULES_KEPT_MS) {
      const rules = read();
      const mine = { at: Date.now(), rules };
      kept = mine;
      rules.catch(() => {
        if (kept === mine) kept = undefined;
      });
    }
    return kept.rules;
  };
}

import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import type { EventInput } from '../../domain/events/event';
import type { ReceivedMail } from '../mail-sink/record';
import { createTaskQueue } from '../support/queue';
import { seededUnit } from '../support/seeded';
import type { Behaviour, Deed, Person } from './behaviour';
import type { EventsClient } from './events-client';
import type { MailReader } from './mail-reader';

export interface CrowdOptions {
  readonly people: readonly Person[];
  readonly behaviour: Behaviour;
  readonly armOf: (subject: string) => string | null;
  readonly reader: MailReader;
  readonly events: EventsClient;
  /** Set once the campaign is known: mails of others are left alone. */
  readonly campaignId: string;
  /** Seconds of the primary metric's window. */
  readonly windowSeconds: number;
  readonly hasExperiment: boolean;
  readonly onFault?: (fault: unknown) => void;
  /** How long somebody takes with a mail at most. */
  readonly slownessMs?: number;
}

/** What the crowd looks at of a campaign, as GET /v1/campaigns/{id} says it. */
export interface CampaignGlance {
  readonly stage: string;
  readonly stages: readonly { readonly name: string; readonly startedAt: string }[];
}

export interface Crowd {
  onMail(mail: ReceivedMail, raw: Buffer): void;
  /** Somebody had this mail before we came (a demo started again). */
  alreadyMailed(addresses: Iterable<string>): void;
  /** Call it as often as you look at the campaign. */
  look(campaign: CampaignGlance): void;
  /** Resolves when everybody has done what they were about to do, and it is all told. */
  settled(): Promise<void>;
  readonly mailed: number;
  readonly busy: number;
}

/** Enough to keep the api busy and not to drown it. */
const AT_ONCE = 12;
const BREATH = 4_000;

/**
 * Everybody of the file. Those who get a mail act on it; the others, control people included, do what their kind does
 * unmailed while the test is being observed. A test wave that takes longer than half of the window lets the unmailed
 * act more than once, so that everybody's own window, which begins at their gate, has one of these moments in it.
 */
export function createCrowd(options: CrowdOptions): Crowd {
  const { people, behaviour, events, campaignId } = options;
  const byEmail = new Map(people.map((person) => [person.email, person]));
  const mailed = new Set<string>();
  const onFault = options.onFault ?? (() => undefined);
  const queue = createTaskQueue(AT_ONCE, onFault);
  let moments = 0;
  let closing = false;
  let acting: Promise<void> = Promise.resolve();

  const tell = (person: Person, deed: Deed, occasion: string, came: 'mail' | 'direct'): void => {
    const event: EventInput = {
      id: `sandbox:${campaignId}:${person.customerKey}:${deed.event}:${occasion}`,
      type: deed.event,
      at: new Date().toISOString(),
      profile: { customerKey: person.customerKey },
      ...(deed.valueCents === null ? {} : { valueCents: deed.valueCents, currency: deed.currency ?? 'EUR' }),
      properties: { came, source: 'sandbox' },
    };
    events.add(event);
  };

  const actOnMail = async (person: Person, mail: ReceivedMail, raw: Buffer): Promise<void> => {
    const arm = options.armOf(mail.subject);
    const deeds = behaviour.deeds(person, arm);
    const withMail = behaviour.withMail(person, arm);
    let arrived = false;
    if (withMail.reads) {
      try {
        ({ arrived } = await options.reader.act(raw, withMail));
      } catch (fault) {
        // Their link is dead: they come by themselves.
        onFault(fault);
      }
    }
    for (const deed of deeds) tell(person, deed, 'mail', arrived ? 'mail' : 'direct');
  };

  const unmailedAct = async (occasion: string, last: boolean): Promise<void> => {
    let seen = 0;
    for (const person of people) {
      seen += 1;
      if (seen % BREATH === 0) await breathe();
      if (mailed.has(person.email)) continue;
      for (const deed of behaviour.deeds(person, null)) {
        // They look in again and again, but pay once.
        if (last || deed.valueCents === null) tell(person, deed, occasion, 'direct');
      }
    }
  };
  const moment = (occasion: string, last: boolean): void => {
    acting = acting.then(() => unmailedAct(occasion, last)).catch(onFault);
  };

  return {
    onMail(mail, raw) {
      if (mail.campaign !== null && mail.campaign !== campaignId) return;
      for (const address of mail.to) {
        const person = byEmail.get(address);
        if (!person || mailed.has(address)) continue;
        mailed.add(address);
        const slowMs = (options.slownessMs ?? 1_500) * seededUnit(person.customerKey, 'slowness');
        void sleep(slowMs).then(() => queue.add(() => actOnMail(person, mail, raw)));
      }
    },
    alreadyMailed(addresses) {
      for (const address of addresses) mailed.add(address);
    },
    look({ stage, stages }) {
      if (closing) return;
      const observed = options.hasExperiment ? 'evaluate' : 'observe';
      if (stages.some((s) => s.name === observed) || stage === observed) {
        closing = true;
        moment('last', true);
        return;
      }
      const test = stages.find((s) => s.name === 'experiment');
      if (!test) return;
      const due = Math.floor(
        (Date.now() - Date.parse(test.startedAt)) / ((options.windowSeconds / 2) * 1_000),
      );
      if (due <= moments) return;
      moments = due;
      moment(`during-${due}`, false);
    },
    async settled() {
      await sleep(options.slownessMs ?? 1_500);
      await acting;
      await queue.idle();
      await events.flush();
    },
    get mailed() {
      return mailed.size;
    },
    get busy() {
      return queue.size;
    },
  };
}

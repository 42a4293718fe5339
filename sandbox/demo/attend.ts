import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { EventInput } from '../../domain/events/event';
import { createCrowd, type Crowd } from '../people/crowd';
import { createEventsClient } from '../people/events-client';
import { createMailReader, type MailReader } from '../people/mail-reader';
import type { Sandbox } from '../sandbox';
import { campaignAnswer, type CampaignAnswer } from './answers';
import { ApiProblem, type ApiClient } from './api-client';
import type { DemoInputs } from './inputs';

export interface Attendance {
  readonly crowd: Crowd;
  readonly reader: MailReader;
  readonly eventsSent: () => number;
  /** What the campaign looked like at the last look; null before the first. */
  readonly latest: () => CampaignAnswer | null;
  /** When it last answered, in ms since 1970. */
  readonly answeredAt: () => number;
  /** Resolves with the campaign once it has ended and been told everything. */
  readonly ended: Promise<CampaignAnswer>;
  /** Mails of this campaign come in here. */
  onMail: Crowd['onMail'];
  stop(): void;
}

/** Each look counts the ledger: often enough to tell, not so often that it slows the sending. */
const LOOK_EVERY_MS = 1_000;
const eventsAnswer = z.object({ rejected: z.array(z.object({ code: z.string() })) });

/** Lets the people of a demonstration live with one campaign: looks at it, and acts on its mails. */
export function attend(api: ApiClient, sandbox: Sandbox, campaignId: string, inputs: DemoInputs): Attendance {
  const { scenario } = inputs;
  const reader = createMailReader({ shopUrl: sandbox.shop.url });
  const events = createEventsClient({
    post: async (batch: readonly EventInput[]) => {
      const { rejected } = await api.call({
        method: 'POST',
        path: '/v1/events',
        body: batch,
        answer: eventsAnswer,
      });
      return { unknown: rejected.length };
    },
  });
  const crowd = createCrowd({
    people: inputs.people,
    behaviour: inputs.behaviour,
    armOf: inputs.armOf,
    reader,
    events,
    campaignId,
    windowSeconds: scenario.primaryMetric.windowSeconds,
    hasExperiment: scenario.experiment !== undefined,
  });
  // A demo started again: who had this campaign's mail before.
  crowd.alreadyMailed(sandbox.mail.record.find({ campaign: campaignId }).flatMap((mail) => mail.to));

  let latest: CampaignAnswer | null = null;
  let answeredAt = Date.now();
  let stopped = false;
  const watch = async (): Promise<CampaignAnswer> => {
    for (;;) {
      try {
        latest = await api.call({ path: `/v1/campaigns/${campaignId}`, answer: campaignAnswer });
        answeredAt = Date.now();
        crowd.look(latest);
        if (latest.end !== null) {
          await crowd.settled();
          return latest;
        }
      } catch (fault) {
        // The api may be away for a moment; an answer that is wrong stays wrong.
        if (
          stopped ||
          fault instanceof z.ZodError ||
          (fault instanceof ApiProblem && fault.status < 500 && fault.status !== 429)
        )
          throw fault;
      }
      if (stopped) throw new Error('stopped');
      await sleep(LOOK_EVERY_MS);
    }
  };
  const ended = watch().finally(() => events.close());
  // Whoever waits for it hears of it; nobody may be waiting.
  ended.catch(() => undefined);
  return {
    crowd,
    reader,
    eventsSent: () => events.sent,
    latest: () => latest,
    answeredAt: () => answeredAt,
    ended,
    onMail: (mail, raw) => crowd.onMail(mail, raw),
    stop: () => {
      stopped = true;
      events.close();
    },
  };
}

import { z } from 'zod';
import type { ReceivedMail } from '../mail-sink/record';
import type { Sandbox } from '../sandbox';
import type { ApiClient } from './api-client';
import { attend, type Attendance } from './attend';
import { loadInputs, type DemoInputs } from './inputs';
import type { RunRecord } from './run-record';
import type { Teller } from './teller';

/** Who looks after which campaign; mails go to those of their own. */
export interface Attendants {
  onMail(mail: ReceivedMail, raw: Buffer): void;
  add(campaignId: string, inputs: DemoInputs): Attendance;
  stop(): void;
}

export function createAttendants(api: () => ApiClient, sandbox: () => Sandbox): Attendants {
  const byCampaign = new Map<string, Attendance>();
  return {
    onMail(mail, raw) {
      if (mail.campaign !== null) byCampaign.get(mail.campaign)?.onMail(mail, raw);
    },
    add(campaignId, inputs) {
      const attendance = attend(api(), sandbox(), campaignId, inputs);
      byCampaign.set(campaignId, attendance);
      return attendance;
    },
    stop() {
      for (const attendance of byCampaign.values()) attendance.stop();
    },
  };
}

const openCampaigns = z.object({
  items: z.array(z.object({ id: z.string(), name: z.string(), stage: z.string() })),
});

/** Campaigns of earlier demonstrations that have not ended: they go on by themselves, and their people with them. */
export async function lookAfterEarlier(
  api: ApiClient,
  attendants: Attendants,
  earlier: readonly RunRecord[],
  context: { readonly shopUrl: string; readonly except: string | null; readonly teller: Teller },
): Promise<void> {
  const { items } = await api.patiently({
    path: '/v1/campaigns?state=open&limit=100',
    answer: openCampaigns,
  });
  for (const { id, name, stage } of items) {
    if (id === context.except) continue;
    context.teller.say(
      `An earlier campaign is still open and goes on by itself: “${name}” (${id}), stage ${stage}.`,
    );
    const record = earlier.find((r) => r.campaignId === id);
    if (!record) continue;
    try {
      attendants.add(
        id,
        loadInputs(record.source, { run: record.run, shopUrl: context.shopUrl, nowMs: Date.now() }),
      );
    } catch {
      context.teller.say('  The files it was made from are gone: nobody answers its mails.');
    }
  }
}

/** The segment finds the people of earlier demonstrations of the same kind too: they behave like everybody else. */
export function withEarlierPeople(
  inputs: DemoInputs,
  record: RunRecord,
  earlier: readonly RunRecord[],
  shopUrl: string,
): DemoInputs['people'] {
  const others = earlier.filter(
    ({ run, source }) => run !== record.run && source.mapping === record.source.mapping,
  );
  const found = others.flatMap(({ run, source }) => {
    try {
      return loadInputs(source, { run, shopUrl, nowMs: Date.now() }).people;
    } catch {
      // Their file is gone: nobody answers for them.
      return [];
    }
  });
  return [...inputs.people, ...found];
}

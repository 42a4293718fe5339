import type { Db } from '../../../store/db';

export interface SentPerson {
  readonly profileId: number;
  readonly arm: string;
  readonly state: string;
  readonly persona?: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Records a wave of the ledger as the delivery part would leave it; answers delivery ids by profile. */
export async function recordWave(
  db: Db,
  wave: {
    readonly campaignId: string;
    readonly wave: string;
    readonly part: string;
    readonly withheld?: number;
  },
  sent: readonly SentPerson[],
  gatedAt: string,
): Promise<Map<number, number>> {
  await db.app`
    insert into waves (campaign_id, step, wave, part, planned, withheld, ended_at)
    values (${wave.campaignId}, 'first', ${wave.wave}, ${wave.part}, ${sent.length}, ${wave.withheld ?? 0}, now())`;
  const ids = new Map<number, number>();
  for (const person of sent) {
    const [row] = await db.app<{ id: number }[]>`
      insert into deliveries (campaign_id, step, profile_id, wave, arm, persona, channel, state, code, reason, gated_at)
      values (${wave.campaignId}, 'first', ${person.profileId}, ${wave.wave}, ${person.arm}, ${person.persona ?? 'habitues'}, 'email',
        ${person.state}, ${person.code ?? null}, ${person.reason ?? null}, ${gatedAt}::timestamptz) returning id`;
    if (row) ids.set(person.profileId, row.id);
  }
  return ids;
}

export async function recordControl(
  db: Db,
  wave: { readonly campaignId: string; readonly wave: string },
  people: readonly { readonly profileId: number; readonly arm: string; readonly allowed: boolean }[],
  gatedAt: string,
): Promise<void> {
  for (const { profileId, arm, allowed } of people) {
    await db.app`
      insert into control_gate (campaign_id, step, profile_id, wave, arm, persona, allowed, gated_at)
      values (${wave.campaignId}, 'first', ${profileId}, ${wave.wave}, ${arm}, 'habitues', ${allowed}, ${gatedAt}::timestamptz)`;
  }
}

let events = 0;

export async function recordEvent(
  db: Db,
  event: {
    readonly profileId: number;
    readonly type: string;
    readonly at: string;
    readonly campaignId?: string;
    readonly deliveryId?: number;
  },
): Promise<void> {
  await db.app`
    insert into events (id, profile_id, type, at, campaign_id, delivery_id)
    values (${`e${(events += 1)}`}, ${event.profileId}, ${event.type}, ${event.at}::timestamptz, ${event.campaignId ?? null}, ${event.deliveryId ?? null})`;
}

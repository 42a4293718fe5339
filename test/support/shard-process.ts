/** A worker in small, to be killed: sends every shard of one wave, two at once, then says so and ends. */
import { createSmtpSender } from '../../adapters/smtp/smtp-sender';
import { connect } from '../../store/db';
import { deliveryBench, inAnHour } from './delivery-bench';
import type { SeededCampaign } from './seed-campaign';

export interface ShardJob {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly connections: number;
  readonly campaign: SeededCampaign;
  readonly wave: { readonly campaignId: string; readonly step: string; readonly wave: string };
  readonly shards: readonly { readonly index: number; readonly from: number; readonly to: number }[];
}

async function run(job: ShardJob): Promise<void> {
  const db = connect(job.databaseUrl, 4);
  const sender = createSmtpSender({ url: job.smtpUrl, connections: job.connections });
  const { activities } = deliveryBench(db, job.campaign, sender, { batchSize: 100 });
  const queue = [...job.shards];
  const lane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift()) {
      const given = { ...job.wave, shard, deadlineAt: inAnHour() };
      // A killed worker's lock goes with its connection, a moment after it; a database that restarts takes longer.
      for (let tries = 0; ; tries += 1) {
        try {
          await activities.sendShard(given);
          break;
        } catch (fault) {
          if (tries === 300) throw fault;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    }
  };
  await Promise.all([lane(), lane()]);
  await sender.close();
  await db.close();
}

process.on('message', (job: ShardJob) => {
  run(job).then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
process.send?.('ready');

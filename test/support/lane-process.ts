/** A lane of service messages in a process of its own, to be killed. */
import { createSmtpSender } from '../../adapters/smtp/smtp-sender';
import { connect } from '../../store/db';
import { startLane } from './message-lane';
import type { SeededCampaign } from './seed-campaign';

export interface LaneJob {
  readonly databaseUrl: string;
  readonly smtpUrl: string;
  readonly connections: number;
  readonly campaign: SeededCampaign;
}

process.on('message', ({ databaseUrl, smtpUrl, connections, campaign }: LaneJob) => {
  startLane(connect(databaseUrl, 4), {
    campaigns: [campaign],
    senders: { email: createSmtpSender({ url: smtpUrl, connections }) },
  });
});
process.send?.('ready');

import { slackRefusal } from '../adapters/slack/slack-messenger';
import type { Messenger } from '../domain/approvals/ports';
import { incidentTitle } from '../domain/incidents/incident';
import type { LateFeed, SourcesStore } from '../store/sources-store';

export interface LateFeedsDeps {
  readonly sources: Pick<SourcesStore, 'markLate' | 'untold' | 'told'>;
  readonly messenger: Pick<Messenger, 'postNote'>;
  readonly log: { warn(fields: object, message: string): void };
}

/** Opens an incident for each feed that has become late, and tells Slack. One that cannot be told is told at the next round. */
export async function tellLateFeeds({ sources, messenger, log }: LateFeedsDeps, now: Date): Promise<void> {
  await sources.markLate(now);
  for (const feed of await sources.untold()) {
    try {
      const ref = await messenger.postNote(lateWords(feed));
      await sources.told(feed.incidentId, ref?.ts ?? null);
    } catch (error) {
      const refusal = slackRefusal(error);
      // What Slack refuses today it refuses at the next round.
      if (refusal !== null) await sources.told(feed.incidentId, null);
      log.warn(
        { source: feed.source, slackError: refusal ?? 'unreachable' },
        'slack was not told of a late feed',
      );
    }
  }
}

const lateWords = ({ source, owner, lateSince }: LateFeed): string =>
  `*${incidentTitle('feed-late')}*: nothing has come from \`${source}\` (owner: ${owner}), which was expected by ${lateSince.toISOString().slice(0, 16).replace('T', ' ')} UTC.`;

import { Context } from '@temporalio/activity';
import { slackRefusal } from '../../adapters/slack/slack-messenger';
import type { Messenger } from '../../domain/approvals/ports';
import { incidentTitle } from '../../domain/incidents/incident';
import type { IncidentsStore } from '../../store/incidents-store';
import type { IncidentsActivities } from '../contract';
import { guarded } from '../failure';

/** About half a minute of a messenger that does not answer. */
const MAX_POST_ATTEMPTS = 6;

export interface IncidentsDeps {
  readonly store: IncidentsStore;
  readonly messenger: Messenger;
  readonly pageUrl: (campaignId: string) => string;
  readonly log: { warn(fields: object, message: string): void };
  /** Which attempt of the activity this is, from 1; left out, Temporal is asked. */
  readonly attempt?: () => number;
}

/**
 * Writes the incident, then posts it. A worker that dies between posting and noting it posts twice, which for an
 * incident is better than never. What must be stopped is stopped by whoever opened it: a messenger that is down
 * delays that by seconds, not by its whole outage, and the incident stands on the campaign page in any case.
 */
export function createIncidentsActivities(deps: IncidentsDeps): IncidentsActivities {
  const { store, messenger, log } = deps;
  const attempt = deps.attempt ?? (() => Context.current().info.attempt);

  return {
    openIncident: ({ campaignId, kind, message, details }) =>
      guarded(async () => {
        const incident = await store.open({ campaignId, kind, message, details: details ?? {} });
        if (incident.slackTs !== null) return;
        try {
          const ref = await messenger.postIncident({
            campaignId,
            title: incidentTitle(kind),
            message: incident.message,
            pageUrl: deps.pageUrl(campaignId),
          });
          if (ref !== null) await store.posted(incident.id, ref.ts);
        } catch (error) {
          const refusal = slackRefusal(error);
          if (refusal === null && attempt() < MAX_POST_ATTEMPTS) throw error;
          log.warn(
            { campaignId, incident: incident.id, slackError: refusal ?? 'unreachable' },
            'incident not posted',
          );
        }
      }),
  };
}

import type { Messenger } from '../../domain/approvals/ports';
import type { SlackLog } from './slack-logger';

/** Where no Slack is configured: what would have been said goes to the log, decisions come by REST. */
export function createLogMessenger(log: SlackLog): Messenger {
  return {
    async postApproval({ campaignId, approvalId, deadlineAt, pageUrl }) {
      log.info({ campaignId, approvalId, deadlineAt, pageUrl }, 'approval requested');
      return null;
    },
    async closeApproval(_ref, title, words) {
      log.info({ title, words }, 'approval closed');
    },
    async postIncident({ campaignId, message, pageUrl }) {
      log.warn({ campaignId, message, pageUrl }, 'incident');
      return null;
    },
    async postNote(words) {
      log.info({ words }, 'note');
      return null;
    },
    async answerPrivately(_channel, slackUser, words) {
      log.info({ slackUser, words }, 'answer');
    },
  };
}

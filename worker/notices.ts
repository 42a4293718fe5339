import { slackRefusal } from '../adapters/slack/slack-messenger';
import type { IncidentsActivities } from '../activities/contract';
import { namesOf } from '../activities/failure';
import type { Messenger } from '../domain/approvals/ports';
import { budgetWords, yieldedWords } from '../domain/frequency/wave-notice';
import type { NoticesStore, WaveNotice } from '../store/notices-store';

export interface NoticesDeps {
  readonly notices: NoticesStore;
  readonly messenger: Pick<Messenger, 'postNote'>;
  readonly openIncident: IncidentsActivities['openIncident'];
  readonly log: { warn(fields: object, message: string): void };
  /** How long a wave that gives way is waited for before its line is written. */
  readonly groupSeconds?: number;
}

const BATCH = 20;
const GROUP_SECONDS = 600;
/** Longer than Slack may take over a batch; what failed is told again after it. */
const LEASE_SECONDS = 60;

/**
 * Tells the owners of campaigns what is due. A worker that dies between telling and noting it tells twice in Slack; an
 * incident and a webhook are once in any case.
 */
export async function tellNotices(deps: NoticesDeps): Promise<void> {
  const { notices, groupSeconds = GROUP_SECONDS } = deps;
  for (const notice of await notices.take(BATCH, groupSeconds, LEASE_SECONDS)) {
    try {
      await (notice.kind === 'budget' ? tellBudget(deps, notice) : tellYielded(deps, notice));
    } catch (error) {
      deps.log.warn(
        {
          campaignId: notice.campaignId,
          kind: notice.kind,
          err: namesOf(error).name,
        },
        'a notice was not told',
      );
    }
  }
}

async function tellBudget({ notices, openIncident }: NoticesDeps, notice: WaveNotice): Promise<void> {
  const stopped = await notices.stoppedByBudget(notice);
  await openIncident({
    campaignId: notice.campaignId,
    kind: `budget.${notice.wave}`,
    message: budgetWords(notice, stopped),
    details: { stopped },
  });
  await notices.done(notice);
}

async function tellYielded({ notices, messenger, log }: NoticesDeps, notice: WaveNotice): Promise<void> {
  const to = await notices.yieldedTo(notice);
  // Those who were put off got it after all.
  if (to.length === 0) return notices.done(notice);
  try {
    await messenger.postNote(yieldedWords(notice, to));
  } catch (error) {
    const slackError = slackRefusal(error);
    if (slackError === null) throw error;
    log.warn({ campaignId: notice.campaignId, slackError }, 'slack refused a notice');
  }
  await notices.toldYielded(notice, to);
}

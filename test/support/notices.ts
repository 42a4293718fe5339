import { createIncidentsActivities } from '../../activities/incidents';
import type { Messenger } from '../../domain/approvals/ports';
import type { Db } from '../../store/db';
import { createIncidentsStore } from '../../store/incidents-store';
import { createNoticesStore } from '../../store/notices-store';
import { tellNotices } from '../../worker/notices';

/** What a worker tells the owners of campaigns, with a messenger that keeps it; `refuse` makes it fail. */
export function notices(db: Db, refuse: () => Error | null = () => null) {
  const posted: string[] = [];
  const post = async (words: string) => {
    const error = refuse();
    if (error !== null) throw error;
    posted.push(words);
    return { channel: 'C1', ts: `1.${posted.length}` };
  };
  const unexpected = () => Promise.reject(new Error('not expected here'));
  const messenger: Messenger = {
    postIncident: ({ title, message }) => post(`${title}: ${message}`),
    postNote: (words) => post(words),
    postApproval: unexpected,
    closeApproval: unexpected,
    answerPrivately: unexpected,
  };
  const log = { warn: () => undefined };
  const { openIncident } = createIncidentsActivities({
    store: createIncidentsStore(db.app),
    messenger,
    pageUrl: (id) => `https://boucle.test/campaigns/${id}`,
    log,
    attempt: () => 1,
  });
  return {
    posted,
    tell: (groupSeconds = 600) =>
      tellNotices({ notices: createNoticesStore(db.app), messenger, openIncident, log, groupSeconds }),
  };
}

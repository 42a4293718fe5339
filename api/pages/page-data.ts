import { z } from 'zod';
import { BoucleError } from '../../domain/shared/errors';
import type { CampaignPageData } from './campaign-page';
import type { ListPageData } from './list-page';
import { memoized } from './memoized';
import type { PagesDeps } from './pages-deps';

const PER_PAGE = 25;
/** Counting a ledger of millions takes a while: readers who come together share one count. */
const SHARED_MS = 1_500;

const listQuery = z.object({
  state: z.enum(['open', 'ended', 'all']).catch('all'),
  before: z
    .string()
    .regex(/^c[a-z0-9]{1,40}$/)
    .optional()
    .catch(undefined),
});

/** The list's query in one form, so that equal ones share what was read; what makes no sense is left out. */
export function listKey(query: unknown): string {
  const { state, before } = listQuery.parse(query ?? {});
  return new URLSearchParams({ state, ...(before ? { before } : {}) }).toString();
}

/** Readers of what the pages show. Both may answer from a reading `sharedMs` old. */
export function createPageData(
  deps: Pick<PagesDeps, 'campaigns' | 'pages' | 'temporal' | 'publicUrl' | 'sharedMs'>,
) {
  const { campaigns, pages, temporal, publicUrl, sharedMs = SHARED_MS } = deps;

  const list = memoized(sharedMs, async (key: string): Promise<ListPageData> => {
    const { state, before } = listQuery.parse(Object.fromEntries(new URLSearchParams(key)));
    const [found, totals] = await Promise.all([
      campaigns.list({
        ...(state === 'all' ? {} : { state }),
        ...(before ? { before } : {}),
        limit: PER_PAGE + 1,
      }),
      pages.totals(),
    ]);
    const shown = found.slice(0, PER_PAGE);
    const counts = await pages.counts(shown.map((c) => c.id));
    const last = shown.at(-1);
    return {
      publicUrl,
      filter: state,
      totals,
      campaigns: shown,
      counts: new Map(counts.map((c) => [c.campaignId, c])),
      older:
        found.length > PER_PAGE && last ? new URLSearchParams({ state, before: last.id }).toString() : null,
    };
  });

  const campaign = memoized(sharedMs, async (id: string): Promise<CampaignPageData> => {
    const [view, scenario, reasons, creatives, approvals, incidents, looks, report, backlog] =
      await Promise.all([
        campaigns.get(id),
        pages.scenario(id),
        pages.reasons(id),
        pages.creatives(id),
        pages.approvals(id),
        pages.incidents(id),
        pages.looks(id),
        pages.report(id),
        pages.backlog(id),
      ]);
    if (scenario === null) throw new BoucleError('not-found', 'No such campaign.');
    const run = view.runId === null ? '' : `/${encodeURIComponent(view.runId)}/history`;
    const workflow = `${encodeURIComponent(temporal.namespace)}/workflows/${encodeURIComponent(view.workflowId)}`;
    const temporalUrl = `${temporal.uiUrl}/namespaces/${workflow}${run}`;
    return {
      campaign: view,
      scenario,
      reasons,
      creatives,
      approvals,
      incidents,
      looks,
      report,
      backlog,
      temporalUrl,
    };
  });

  return { list, campaign };
}

import { backlogItems } from '../../domain/improvement/backlog';
import type { CampaignFacts } from '../../domain/improvement/facts';
import { knowledgeFiles } from '../../domain/improvement/knowledge/files';
import type { KnowledgeBase } from '../../domain/improvement/ports';
import { renderReport } from '../../domain/improvement/report/render';
import { testLogEntry } from '../../domain/improvement/test-log-entry';
import { BoucleError } from '../../domain/shared/errors';
import type { ImprovementStore } from '../../store/improvement-store';
import type { ImprovementActivities } from '../contract';
import { guarded } from '../failure';

export interface ImprovementDeps {
  readonly store: ImprovementStore;
  readonly knowledge: Pick<KnowledgeBase, 'publish'>;
  readonly log: { warn(fields: object, message: string): void };
}

/** Safe to repeat: what was learnt is written once, and the folder is always regenerated whole from the database. */
export function createImprovementActivities({
  store,
  knowledge,
  log,
}: ImprovementDeps): ImprovementActivities {
  /** The folder is a copy: that it cannot be written holds no campaign up, and the next one writes it too. */
  async function publish(campaignId: string): Promise<void> {
    try {
      const publication = await store.publishing((known) =>
        knowledge.publish(knowledgeFiles(known), `Learnt from campaign ${campaignId}`),
      );
      if (publication.notCommitted !== null) {
        log.warn({ campaignId, why: publication.notCommitted }, 'knowledge folder written, not committed');
      }
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? error.code : 'unknown';
      log.warn({ campaignId, why }, 'knowledge folder not written');
    }
  }

  return {
    learn: ({ campaignId, end, reason }) =>
      guarded(async () => {
        const gathered = await store.facts(campaignId);
        if (gathered === null) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
        // The end itself is written after this activity: the report must already say it.
        const facts: CampaignFacts = { ...gathered, report: { ...gathered.report, end, endReason: reason } };
        const backlog = backlogItems(facts);
        const written = await store.writeLearnt(campaignId, {
          report: { ...facts.report, backlog },
          markdown: renderReport(facts, backlog),
          entry: testLogEntry(facts, backlog),
        });
        await publish(campaignId);
        return { backlogItems: written };
      }),
  };
}

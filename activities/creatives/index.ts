import { createHash } from 'node:crypto';
import { TEMPLATE_VERSION } from '../../adapters/renderer/master-template';
import { sendingArms } from '../../domain/campaigns/arms';
import { FIRST_STEP } from '../../domain/campaigns/steps';
import { canonicalJson } from '../../domain/creatives/canonical-json';
import { BoucleError } from '../../domain/shared/errors';
import type { AudienceStore } from '../../store/audience-store';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativesStore } from '../../store/creatives-store';
import type { CreativesActivities, CreativeTask } from '../contract';
import { guarded } from '../failure';
import { contentFor, inputsHash, makeCreative, type MakeDeps } from './make';

export interface CreativesDeps extends MakeDeps {
  readonly store: CreativesStore;
  readonly campaigns: Pick<CampaignsStore, 'get'>;
  readonly audiences: Pick<AudienceStore, 'counts'>;
  /** Part of what an approval is bound to: another policy needs another approval. */
  readonly policyVersion: string;
}

export function createCreativesActivities(deps: CreativesDeps): CreativesActivities {
  const { store } = deps;

  const campaignOf = async (campaignId: string) => {
    const campaign = await deps.campaigns.get(campaignId);
    if (campaign === null) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
    return { scenario: campaign.scenario, rows: await store.personaRows(campaignId) };
  };

  return {
    // Reads only: what is up to date is not planned again.
    planCreatives: ({ campaignId }) =>
      guarded(async () => {
        const { scenario, rows } = await campaignOf(campaignId);
        const counts = await deps.audiences.counts(campaignId);
        if (counts === null) throw new BoucleError('conflict', 'The audience is not frozen yet.');
        const brand = deps.brandOf(scenario.brand);
        const made = new Map(
          (await store.latest(campaignId)).map((c) => [`${c.persona} ${c.arm}`, c.meta.inputs]),
        );
        return Object.keys(counts.personas)
          .sort()
          .flatMap((persona) =>
            sendingArms(scenario).map(({ key: arm }): CreativeTask => ({
              step: FIRST_STEP,
              channel: 'email',
              persona,
              arm,
            })),
          )
          .filter(
            ({ persona, arm }) =>
              made.get(`${persona} ${arm}`) !==
              inputsHash(contentFor(scenario, rows, persona, arm), brand, scenario),
          );
      }),

    // The same inputs give the same hash, and the same hash is stored once.
    renderCreative: ({ campaignId, step, channel, persona, arm }) =>
      guarded(async () => {
        const { scenario, rows } = await campaignOf(campaignId);
        const made = await makeCreative(deps, scenario, contentFor(scenario, rows, persona, arm));
        await store.noteBlob(made.heroSha, made.hero.contentType, made.hero.bytes.length);
        await store.noteBlob(made.logoSha, 'image/png', made.logo.length);
        const status = made.rejected ? 'reject' : 'passed';
        const creativeId = await store.save({
          campaignId,
          step,
          persona,
          arm,
          channel,
          locale: scenario.locale,
          hash: made.hash,
          ...made.message,
          heroSha: made.heroSha,
          heroIsFallback: made.hero.isFallback,
          meta: {
            inputs: made.inputs,
            templateVersion: TEMPLATE_VERSION,
            headline: made.message.headline,
            ctaLabel: made.content.ctaLabel,
            weightBytes: made.weightBytes,
            logoSha: made.logoSha,
          },
          status,
          findings: made.findings,
        });
        const count = (severity: string) => made.findings.filter((f) => f.severity === severity).length;
        return { creativeId, status, blocking: count('blocking'), warnings: count('warning') };
      }),

    creativesSummary: ({ campaignId }) =>
      guarded(async () => {
        const [creatives, subject, findings, { scenario }] = await Promise.all([
          store.latest(campaignId),
          store.approvalSubject(campaignId),
          store.findingsCount(campaignId),
          campaignOf(campaignId),
        ]);
        const subjectHash = createHash('sha256')
          .update(
            canonicalJson({
              creatives: creatives.map((c) => c.hash).sort(),
              subject,
              // The sender is read when a message is made: another one is another message.
              brand: deps.brandOf(scenario.brand),
              policy: deps.policyVersion,
            }),
          )
          .digest('hex');
        const rejected = creatives.filter((c) => c.status === 'reject').length;
        return { rendered: creatives.length, rejected, findings, subjectHash };
      }),
  };
}

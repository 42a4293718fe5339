import { createHash } from 'node:crypto';
import { TEMPLATE_VERSION } from '../../adapters/renderer/master-template';
import type { Scenario } from '../../domain/campaigns/scenario';
import { canonicalJson } from '../../domain/creatives/canonical-json';
import { creativeTasks, declaredPersonas, type CreativeKey } from '../../domain/creatives/creative-tasks';
import { BoucleError } from '../../domain/shared/errors';
import type { AudienceStore } from '../../store/audience-store';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativesStore } from '../../store/creatives-store';
import type { PoliciesStore } from '../../store/policies-store';
import type { CreativesActivities } from '../contract';
import { guarded } from '../failure';
import { creativePolicies } from './creative-policies';
import { inputsHash, makeCreative, orderOf, type MakeDeps } from './make';

export interface CreativesDeps extends MakeDeps {
  readonly store: CreativesStore;
  readonly campaigns: Pick<CampaignsStore, 'get'>;
  readonly audiences: Pick<AudienceStore, 'counts'>;
  readonly policies: Pick<PoliciesStore, 'list'>;
  /** Part of what an approval is bound to: another policy needs another approval. */
  readonly policyVersion: string;
}

const nameOf = ({ step, channel, persona, arm }: CreativeKey): string =>
  [step, channel, persona, arm].join(' ');

export function createCreativesActivities(deps: CreativesDeps): CreativesActivities {
  const { store } = deps;

  const campaignOf = async (campaignId: string) => {
    const campaign = await deps.campaigns.get(campaignId);
    if (campaign === null) throw new BoucleError('not-found', `There is no campaign ${campaignId}.`);
    const [rows, policies] = await Promise.all([
      store.personaRows(campaignId),
      creativePolicies(deps.policies),
    ]);
    return { scenario: campaign.scenario, rows, policies };
  };

  /** Those of the frozen audience; where people may still come in, all that the scenario has. */
  const personasOf = async (campaignId: string, scenario: Scenario): Promise<readonly string[]> => {
    if (scenario.kind !== 'batch' || scenario.intake === 'open') return declaredPersonas(scenario);
    const counts = await deps.audiences.counts(campaignId);
    if (counts === null) throw new BoucleError('conflict', 'The audience is not frozen yet.');
    return Object.keys(counts.personas);
  };

  return {
    // Reads only: what is up to date is not planned again.
    planCreatives: ({ campaignId }) =>
      guarded(async () => {
        const { scenario, rows, policies } = await campaignOf(campaignId);
        const personas = await personasOf(campaignId, scenario);
        const brand = deps.brandOf(scenario.brand);
        const made = new Map((await store.latest(campaignId)).map((c) => [nameOf(c), c.meta.inputs]));
        return creativeTasks(scenario, policies.channels, personas).filter(
          (task) => made.get(nameOf(task)) !== inputsHash(orderOf(scenario, rows, policies, task), brand),
        );
      }),

    // The same inputs give the same hash, and the same hash is stored once.
    renderCreative: ({ campaignId, step, channel, persona, arm }) =>
      guarded(async () => {
        const { scenario, rows, policies } = await campaignOf(campaignId);
        const order = orderOf(scenario, rows, policies, { step, channel, persona, arm });
        const made = await makeCreative(deps, order);
        const { message, hero, logo } = made;
        for (const picture of [hero, logo])
          if (picture !== null) await store.noteBlob(picture.sha, picture.contentType, picture.bytes);
        const status = made.rejected ? 'reject' : 'passed';
        const creativeId = await store.save({
          campaignId,
          step,
          persona,
          arm,
          channel,
          locale: scenario.locale,
          hash: made.hash,
          subject: message.subject,
          preheader: message.preheader,
          html: message.html,
          text: message.text,
          links: message.links,
          heroSha: hero?.sha ?? null,
          heroIsFallback: hero?.isFallback ?? false,
          meta: {
            inputs: made.inputs,
            templateVersion: TEMPLATE_VERSION,
            headline: message.headline,
            ctaLabel: order.content.ctaLabel,
            unitMicros: made.unitMicros,
            ...(made.weightBytes === null ? {} : { weightBytes: made.weightBytes }),
            ...(logo === null ? {} : { logoSha: logo.sha }),
            ...(message.transparent === undefined ? {} : { transparent: message.transparent }),
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

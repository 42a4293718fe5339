import { previewCard } from '../../adapters/renderer/preview-card';
import { compileCreative } from '../../adapters/renderer/personalise';
import { MAX_PREVIEWS, type ApprovalCard } from '../../domain/approvals/ports';
import type { BlobStore, Brand } from '../../domain/creatives/ports';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativesStore } from '../../store/creatives-store';

export interface PreviewDeps {
  readonly store: Pick<CreativesStore, 'latest'>;
  readonly campaigns: Pick<CampaignsStore, 'get'>;
  readonly blobs: BlobStore;
  readonly brandOf: (key: string) => Brand;
}

/** Pictures of a campaign's creatives, one per arm before a second persona of any, as nobody in particular sees them. */
export function createPreviews(deps: PreviewDeps): (campaignId: string) => Promise<ApprovalCard['previews']> {
  return async (campaignId) => {
    const campaign = await deps.campaigns.get(campaignId);
    if (campaign === null) return [];
    const brand = deps.brandOf(campaign.scenario.brand);
    const creatives = await deps.store.latest(campaignId);
    const personas = [...new Set(creatives.map((c) => c.persona))];
    const ordered = personas
      .flatMap((persona) => creatives.filter((c) => c.persona === persona))
      .slice(0, MAX_PREVIEWS);

    const cards: ApprovalCard['previews'][number][] = [];
    for (const creative of ordered) {
      const [hero, logo] = await Promise.all([
        deps.blobs.get(creative.heroSha),
        deps.blobs.get(creative.meta.logoSha),
      ]);
      if (hero === null || logo === null) continue;
      const plain = (words: string): string =>
        compileCreative({ subject: words, html: '', text: '' })(
          {},
          { links: [], unsubscribeUrl: '', pixelUrl: null },
        ).subject;
      const subject = plain(creative.subject);
      const png = await previewCard({
        brand,
        subject,
        preheader: plain(creative.preheader),
        headline: plain(creative.meta.headline),
        ctaLabel: creative.meta.ctaLabel,
        hero,
        logo,
      });
      cards.push({ label: `${creative.arm} · ${creative.persona}`, subject, png });
    }
    return cards;
  };
}

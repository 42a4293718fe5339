import { previewCard } from '../../adapters/renderer/preview-card';
import { previewWords } from '../../adapters/renderer/preview-words';
import { compileCreative } from '../../adapters/renderer/personalise';
import { MAX_PREVIEWS, type ApprovalCard } from '../../domain/approvals/ports';
import { FIRST_STEP, stepsOf } from '../../domain/campaigns/steps';
import type { BlobStore, Brand } from '../../domain/creatives/ports';
import { CHANNEL_NAMES } from '../../domain/delivery/channel-names';
import { CHANNELS } from '../../domain/shared/words';
import type { CampaignsStore } from '../../store/campaigns-store';
import type { CreativeRow, CreativesStore } from '../../store/creatives-store';

export interface PreviewDeps {
  readonly store: Pick<CreativesStore, 'latest'>;
  readonly campaigns: Pick<CampaignsStore, 'get'>;
  readonly blobs: BlobStore;
  readonly brandOf: (key: string) => Brand;
}

type Preview = ApprovalCard['previews'][number];

/**
 * Pictures of a campaign's creatives: every step, channel and arm before a second persona of any, as nobody in
 * particular sees them.
 */
export function createPreviews(deps: PreviewDeps): (campaignId: string) => Promise<Preview[]> {
  return async (campaignId) => {
    const campaign = await deps.campaigns.get(campaignId);
    if (campaign === null) return [];
    const brand = deps.brandOf(campaign.scenario.brand);
    const steps = stepsOf(campaign.scenario).map(({ key }) => key);
    const creatives = [...(await deps.store.latest(campaignId))].sort(
      (a, b) =>
        steps.indexOf(a.step) - steps.indexOf(b.step) ||
        CHANNELS.indexOf(a.channel) - CHANNELS.indexOf(b.channel),
    );
    const personas = [...new Set(creatives.map((c) => c.persona))].sort();
    const ordered = personas.flatMap((persona) => creatives.filter((c) => c.persona === persona));
    const cards = await Promise.all(ordered.slice(0, MAX_PREVIEWS).map((c) => preview(deps.blobs, brand, c)));
    return cards.filter((card) => card !== null);
  };
}

/** null: its pictures are gone. */
async function preview(blobs: BlobStore, brand: Brand, creative: CreativeRow): Promise<Preview | null> {
  const { channel, step, arm, persona, meta, heroSha } = creative;
  const label = [CHANNEL_NAMES[channel], ...(step === FIRST_STEP ? [] : [step]), arm, persona].join(' · ');
  const [link = ''] = creative.links.map(({ url }) => url);
  const plain = (words: string): string =>
    compileCreative({ subject: '', html: '', text: words })(
      {},
      { links: [link], unsubscribeUrl: '', pixelUrl: null },
    ).text;
  const subject = plain(creative.subject);
  if (channel !== 'email') {
    const words = plain(creative.text);
    const transparent = meta.transparent ?? null;
    const png = await previewWords({
      brand,
      channel,
      subject,
      text: words,
      ctaLabel: meta.ctaLabel,
      transparent,
    });
    return { label, subject, words, png };
  }
  const [hero, logo] = await Promise.all([
    heroSha === null ? null : blobs.get(heroSha),
    meta.logoSha === undefined ? null : blobs.get(meta.logoSha),
  ]);
  if (hero === null || logo === null) return null;
  const preheader = plain(creative.preheader);
  const headline = plain(meta.headline);
  const png = await previewCard({ brand, subject, preheader, headline, ctaLabel: meta.ctaLabel, hero, logo });
  return { label, subject, png };
}

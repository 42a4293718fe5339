import { compileCreative } from '../../adapters/renderer/personalise';
import type { PageCreativeContent } from '../../store/campaign-page-store';

/**
 * A message as somebody nobody knows anything about gets it: every personal word takes its neutral fallback, links
 * lead where they lead untracked, nothing is counted. One that cannot be filled in (QA rejects it for that) is shown
 * as it is written.
 */
export function sampleMessage(creative: PageCreativeContent): {
  readonly subject: string;
  readonly html: string;
} {
  const byIndex = [...creative.links].sort((a, b) => a.index - b.index).map((link) => link.url);
  try {
    return compileCreative(creative)({}, { links: byIndex, unsubscribeUrl: '#', pixelUrl: null });
  } catch {
    return { subject: creative.subject, html: creative.html };
  }
}

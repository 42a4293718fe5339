import { compileCreative } from '../../adapters/renderer/personalise';
import type { PageCreative, PageCreativeContent } from '../../store/campaign-page-store';

interface Sample {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/**
 * A message as somebody nobody knows anything about gets it: every personal word takes its neutral fallback, links
 * lead where they lead untracked, nothing is counted. One that cannot be filled in (QA rejects it for that) is shown
 * as it is written.
 */
export function sampleMessage(creative: PageCreativeContent): Sample {
  const byIndex = [...creative.links].sort((a, b) => a.index - b.index).map((link) => link.url);
  return filled(creative, byIndex);
}

/** What a list calls a message: its subject, or what it says where it has none. */
export function sampleTitle({ subject, words }: Pick<PageCreative, 'subject' | 'words'>): string {
  const sample = filled({ subject, html: '', text: words }, ['…']);
  const title = sample.subject.trim() || sample.text.trim().split('\n')[0] || '';
  return title.length > 90 ? `${title.slice(0, 89).trimEnd()}…` : title;
}

/** What it says in the list, where it has no picture. */
export const sampleWords = ({ subject, words }: Pick<PageCreative, 'subject' | 'words'>): string =>
  filled({ subject, html: '', text: words }, ['…']).text;

function filled(creative: Sample, links: readonly string[]): Sample {
  try {
    return compileCreative(creative)({}, { links, unsubscribeUrl: '#', pixelUrl: null });
  } catch {
    return { subject: creative.subject, html: creative.html, text: creative.text };
  }
}

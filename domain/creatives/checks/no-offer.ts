import { natureRule } from '../../delivery/nature-rules';
import type { Check } from '../check';

/** Words by which an offer is known, in French and English: a percentage off, a promotional code, a flash sale. */
const OFFER =
  /(?<!\d\s?)[-−–]\d{1,2}\s?%|\d{1,2}\s?%\s(?:de (?:remise|réduction|rabais)|off\b|discount)|\bcodes? promo|\bpromo(?:tion(?:al)?)? codes?\b|\bbons? de réduction|\bventes? flash|\bflash sales?\b|\bvouchers?\b/iu;

/** A service or official message sells nothing: with an offer it is advertising, sent without the consent that needs. */
export const noOffer: Check = ({ nature, fixedUses, variants }) => {
  if (natureRule(nature).commercial) return [];
  const used = fixedUses.filter((name) => name !== 'brand.name');
  const said = variants
    .flatMap(({ subject, preheader, visibleText, text }) => [subject, preheader, visibleText, text])
    .flatMap((words) => OFFER.exec(words)?.[0] ?? []);
  return [
    ...used.map((name) => ({
      severity: 'blocking' as const,
      message: `a message of nature ${nature} carries no offer: {{ ${name} }} stands for nothing in it`,
      path: 'content',
    })),
    ...said.map((words) => ({
      severity: 'blocking' as const,
      message: `a message of nature ${nature} carries no offer: “${words.trim()}”`,
      path: 'content',
    })),
  ];
};

import type { Check } from '../check';

/** Some read text alone, and filters distrust a message whose text part says less than its HTML. */
export const textPart: Check = ({ variants }) => {
  const thin = variants.find(({ text, visibleText }) => text.trim().length < visibleText.trim().length * 0.2);
  return thin
    ? [{ severity: 'blocking', message: 'the text part says much less than the HTML', path: 'text' }]
    : [];
};

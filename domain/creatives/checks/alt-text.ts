import type { Check, Finding } from '../check';

const FILE_NAME = /\.(jpe?g|png|gif|webp)$|^(image|img|photo|picture)\s*\d*$/i;

/** WCAG 2.2, 1.1.1: every picture has an alt; a linked one says where it leads, so its alt is not empty. */
export const altText: Check = ({ images }) =>
  images.flatMap(({ alt, linked }, index) => judge(alt, linked, `html/img[${index + 1}]`));

function judge(alt: string | null, linked: boolean, path: string): Omit<Finding, 'check'>[] {
  if (alt === null) return [{ severity: 'blocking', message: 'a picture has no alt text', path }];
  if (linked && alt.trim() === '')
    return [{ severity: 'blocking', message: 'a linked picture has an empty alt text', path }];
  return FILE_NAME.test(alt.trim())
    ? [{ severity: 'warning', message: 'an alt text says nothing of the picture', path }]
    : [];
}

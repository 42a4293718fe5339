import type { Sender } from '../../domain/delivery/ports';
import type { LetterKind } from '../../domain/shared/words';
import { renderLetter } from './letter-pdf';
import { letterGrams } from '../../domain/delivery/letter-size';

/** For a machine without a print shop: makes the letter, says which delivery it was of and its pages, and drops it. */
export function createLogLetterSender(
  log: (line: { readonly deliveryId: number; readonly kind: LetterKind; readonly pages: number }) => void,
): Sender<'letter'> & Sender<'e-letter'> {
  return {
    connections: 4,
    idempotent: true,
    async send(letter) {
      const { pages } = await renderLetter(letter, new Date());
      log({ deliveryId: letter.deliveryId, kind: letter.kind, pages });
      return {
        kind: 'accepted',
        providerId: `log-${letter.deliveryId}`,
        ...(letter.to === null ? {} : { units: letterGrams(pages) }),
      };
    },
    close: () => Promise.resolve(),
  };
}

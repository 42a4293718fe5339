import { addressBlock } from '../../domain/delivery/letter-address';
import { letterGrams } from '../../domain/delivery/letter-size';
import type { OutgoingLetter, Sender, SendOutcome } from '../../domain/delivery/ports';
import { RELAY_UNREACHABLE } from '../../domain/delivery/retry-policy';
import { campaignFolder, letterFile, sha256, storeLetter } from './letter-folder';
import { renderLetter } from './letter-pdf';
import { createManifest, type Manifest, type ManifestOptions } from './manifest';

export interface FolderSenderOptions extends ManifestOptions {
  /** Where the print shop looks: a folder a campaign, below it `d<delivery id>.pdf` and the manifests. */
  readonly folder: string;
  readonly connections: number;
  readonly now?: () => Date;
}

/**
 * Letters as files for a print shop. Takes every kind: an electronic one stands there for who deposits it by hand. The
 * same delivery is the same file and one line of a manifest, so it may be handed over again.
 */
export function createFolderSender(options: FolderSenderOptions): Sender<'letter'> & Sender<'e-letter'> {
  const { folder, now = () => new Date() } = options;
  const manifests = new Map<string, Manifest>();
  const manifestOf = (campaignId: string): Manifest => {
    const home = campaignFolder(folder, campaignId);
    const known = manifests.get(home) ?? createManifest(home, options);
    manifests.set(home, known);
    return known;
  };

  const handOver = async (letter: OutgoingLetter): Promise<SendOutcome> => {
    const { pdf, pages } = await renderLetter(letter, now());
    const stored = await storeLetter(folder, letter, pdf);
    const manifest = manifestOf(letter.campaignId);
    const grams = letter.to === null ? null : letterGrams(pages);
    if (stored.made || !(await manifest.lists(letter.deliveryId))) {
      await manifest.append({
        deliveryId: letter.deliveryId,
        kind: letter.kind,
        file: letterFile(letter),
        sha256: stored.sha256,
        pages,
        grams,
        recipientSha256: sha256(
          recipientLines(letter)
            .map((line) => `${line}\n`)
            .join(''),
        ),
      });
    }
    return {
      kind: 'accepted',
      providerId: letterFile(letter),
      ...(grams === null ? {} : { units: grams }),
    };
  };

  return {
    connections: options.connections,
    idempotent: true,
    async send(letter) {
      if (recipientLines(letter).length === 0) return { kind: 'failed', code: 'no-address' };
      try {
        return await handOver(letter);
      } catch {
        // A full or missing disk; the fault may name the file's content, so it goes nowhere.
        return { kind: 'retry', code: RELAY_UNREACHABLE };
      }
    },
    async close() {
      await Promise.all([...manifests.values()].map((manifest) => manifest.close()));
    },
  };
}

const recipientLines = (letter: OutgoingLetter): string[] => {
  if (letter.to !== null) return addressBlock(letter.to, letter.from, letter.locale);
  return letter.email === null ? [] : [letter.email];
};

import { createHash } from 'node:crypto';
import { compileMessage } from '../../adapters/renderer/compile-message';
import { TEMPLATE_VERSION } from '../../adapters/renderer/master-template';
import { renderHero, renderLogo, type Hero } from '../../adapters/renderer/pictures';
import type { Scenario } from '../../domain/campaigns/scenario';
import { assetPath } from '../../domain/creatives/asset-path';
import { canonicalJson } from '../../domain/creatives/canonical-json';
import type { Finding } from '../../domain/creatives/check';
import type { CompiledMessage } from '../../domain/creatives/creative';
import { effectiveContent, type EffectiveContent } from '../../domain/creatives/effective-content';
import type { PersonaRow } from '../../domain/creatives/persona-row';
import type { BlobStore, Brand } from '../../domain/creatives/ports';
import { isRejected, runChecks } from '../../domain/creatives/qa';
import { natureRule } from '../../domain/delivery/nature-rules';
import { BoucleError } from '../../domain/shared/errors';
import { observe } from './observe';

export interface MakeDeps {
  readonly blobs: BlobStore;
  readonly brandOf: (key: string) => Brand;
  readonly publicUrl: string;
  readonly picturesDir: string;
}

export interface MadeCreative {
  readonly message: CompiledMessage;
  readonly content: EffectiveContent;
  readonly hero: Hero;
  readonly heroSha: string;
  readonly logo: Uint8Array;
  readonly logoSha: string;
  readonly weightBytes: number;
  readonly inputs: string;
  /** Of what it was made from and what came out. */
  readonly hash: string;
  readonly findings: readonly Finding[];
  readonly rejected: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The content a persona × arm is made from. Throws where the scenario has no such arm or the matrix no such row. */
export function contentFor(
  scenario: Scenario,
  rows: readonly PersonaRow[],
  persona: string,
  armKey: string,
): EffectiveContent {
  const arm = scenario.arms.find((a) => a.key === armKey);
  const row = rows.find((r) => r.segmentId === persona);
  if (arm === undefined) throw new BoucleError('not-found', `The scenario has no arm ${armKey}.`);
  if (row === undefined) throw new BoucleError('matrix-invalid', `The persona matrix has no row ${persona}.`);
  return effectiveContent(scenario, arm, row);
}

/** Changes whenever a creative would come out otherwise; planning compares it with the latest revision's. */
export const inputsHash = (content: EffectiveContent, brand: Brand, scenario: Scenario): string =>
  sha256(
    canonicalJson({
      content,
      brand,
      locale: scenario.locale,
      nature: scenario.nature,
      template: TEMPLATE_VERSION,
    }),
  );

/** Makes one creative and judges it. Pictures go to the blob store, everything else is answered. */
export async function makeCreative(
  deps: MakeDeps,
  scenario: Scenario,
  content: EffectiveContent,
): Promise<MadeCreative> {
  const brand = deps.brandOf(scenario.brand);
  const [hero, logo] = await Promise.all([renderHero(content, brand, deps.picturesDir), renderLogo(brand)]);
  const [heroSha, logoSha] = await Promise.all([
    deps.blobs.put(hero.bytes, hero.contentType),
    deps.blobs.put(logo.bytes, 'image/png'),
  ]);
  const unsubscribe = natureRule(scenario.nature).unsubscribe;
  const message = await compileMessage({
    content,
    brand,
    locale: scenario.locale,
    logoUrl: `${deps.publicUrl}${assetPath(logoSha, 'image/png')}`,
    logoWidthPx: logo.widthPx,
    heroUrl: `${deps.publicUrl}${assetPath(heroSha, hero.contentType)}`,
    unsubscribe,
  });
  const seen = observe({
    message,
    content,
    brand,
    unsubscribeRequired: unsubscribe,
    heroIsFallback: hero.isFallback,
  });
  const findings = runChecks(seen);
  const inputs = inputsHash(content, brand, scenario);
  return {
    message,
    content,
    hero,
    heroSha,
    logo: logo.bytes,
    logoSha,
    weightBytes: seen.weightBytes,
    inputs,
    hash: sha256(canonicalJson({ inputs, message, heroSha, logoSha })),
    findings,
    rejected: isRejected(findings),
  };
}

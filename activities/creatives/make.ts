import { createHash } from 'node:crypto';
import { compileMessage, type EmailPictures } from '../../adapters/renderer/compile-message';
import { TEMPLATE_VERSION } from '../../adapters/renderer/master-template';
import { renderHero, renderLogo } from '../../adapters/renderer/pictures';
import type { Scenario } from '../../domain/campaigns/scenario';
import { stepOf, type Step } from '../../domain/campaigns/steps';
import { assetPath } from '../../domain/creatives/asset-path';
import { canonicalJson } from '../../domain/creatives/canonical-json';
import type { Finding } from '../../domain/creatives/check';
import type { CompiledMessage } from '../../domain/creatives/creative';
import { effectiveContent, type EffectiveContent } from '../../domain/creatives/effective-content';
import type { PersonaRow } from '../../domain/creatives/persona-row';
import type { BlobStore, Brand } from '../../domain/creatives/ports';
import { isRejected, runChecks } from '../../domain/creatives/qa';
import { letterKindFor } from '../../domain/delivery/channel-policy';
import { natureRule } from '../../domain/delivery/nature-rules';
import type { UnitCost } from '../../domain/delivery/unit-cost';
import { BoucleError } from '../../domain/shared/errors';
import type { Channel, LetterKind } from '../../domain/shared/words';
import type { CreativeTask } from '../contract';
import type { CreativePolicies } from './creative-policies';
import { observe } from './observe';

export interface MakeDeps {
  readonly blobs: BlobStore;
  readonly brandOf: (key: string) => Brand;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly picturesDir: string;
}

/** Everything one creative is made from: the same order gives the same creative. */
export interface CreativeOrder {
  readonly scenario: Scenario;
  readonly step: Step;
  readonly channel: Channel;
  readonly content: EffectiveContent;
  readonly letterKind: LetterKind;
  /** Of its channel. */
  readonly costs: readonly UnitCost[];
}

/** A picture as it is in the blob store. */
export interface StoredPicture {
  readonly sha: string;
  readonly contentType: string;
  readonly bytes: number;
}

export interface MadeCreative {
  readonly message: CompiledMessage;
  readonly hero: (StoredPicture & { readonly isFallback: boolean }) | null;
  readonly logo: StoredPicture | null;
  readonly weightBytes: number | null;
  readonly unitMicros: number;
  readonly inputs: string;
  /** Of what it was made from and what came out. */
  readonly hash: string;
  readonly findings: readonly Finding[];
  readonly rejected: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Throws where the scenario has no such step or arm, or the matrix no such row. */
export function orderOf(
  scenario: Scenario,
  rows: readonly PersonaRow[],
  { channels, costs }: CreativePolicies,
  task: CreativeTask,
): CreativeOrder {
  const step = stepOf(scenario, task.step);
  const arm = scenario.arms.find((a) => a.key === task.arm);
  const row = rows.find((r) => r.segmentId === task.persona);
  if (arm === undefined) throw new BoucleError('not-found', `The scenario has no arm ${task.arm}.`);
  if (row === undefined)
    throw new BoucleError('matrix-invalid', `The persona matrix has no row ${task.persona}.`);
  return {
    scenario,
    step,
    channel: task.channel,
    content: effectiveContent(scenario, step, arm, row),
    letterKind: letterKindFor(scenario, step, channels) ?? 'plain',
    costs: costs.filter((cost) => cost.channel === task.channel),
  };
}

/** Changes whenever a creative would come out otherwise; planning compares it with the latest revision's. */
export const inputsHash = (
  { scenario, step, channel, content, letterKind, costs }: CreativeOrder,
  brand: Brand,
): string =>
  sha256(
    canonicalJson({
      channel,
      content: saidBy(channel, content),
      brand,
      locale: scenario.locale,
      nature: step.nature,
      variables: scenario.variables,
      letterKind: channel === 'letter' || channel === 'e-letter' ? letterKind : null,
      costs,
      template: TEMPLATE_VERSION,
    }),
  );

/** What of the content a channel says: new words for the SMS are no new e-mail. */
function saidBy(channel: Channel, content: EffectiveContent): Partial<EffectiveContent> {
  const { sms, push, inApp, letter, heroAlt, heroPalette, heroAsset, visualGuideline, ...shared } = content;
  switch (channel) {
    case 'email':
      return {
        ...shared,
        heroAlt,
        heroPalette,
        visualGuideline,
        ...(heroAsset === undefined ? {} : { heroAsset }),
      };
    case 'sms':
      return { ...shared, ...(sms === undefined ? {} : { sms }) };
    case 'push':
      return { ...shared, ...(push === undefined ? {} : { push }) };
    case 'in-app':
      return { ...shared, ...(inApp === undefined ? {} : { inApp }) };
    case 'letter':
    case 'e-letter':
      return { ...shared, ...(letter === undefined ? {} : { letter }) };
  }
}

/** Makes one creative and judges it. Pictures go to the blob store, everything else is answered. */
export async function makeCreative(deps: MakeDeps, order: CreativeOrder): Promise<MadeCreative> {
  const { scenario, step, channel, content } = order;
  const brand = deps.brandOf(scenario.brand);
  const pictures = channel === 'email' ? await makePictures(deps, content, brand) : null;
  const unsubscribe = natureRule(step.nature).unsubscribe;
  const variables = new Map(scenario.variables.map(({ name, fallback }) => [name, fallback]));
  const message = await compileMessage(
    channel,
    { content, brand, locale: scenario.locale, nature: step.nature, unsubscribe, variables },
    pictures === null ? null : pictures.shown,
  );
  const seen = observe({
    channel,
    message,
    content,
    // The one who writes messages of this nature.
    brand: { ...brand, sender: brand.senders?.[step.nature] ?? brand.sender },
    publicUrl: deps.publicUrl,
    variables: new Set(variables.keys()),
    nature: step.nature,
    unsubscribeRequired: unsubscribe,
    heroIsFallback: pictures?.hero.isFallback ?? false,
    letterKind: order.letterKind,
    costs: order.costs,
  });
  const findings = runChecks(seen);
  const inputs = inputsHash(order, brand);
  return {
    message,
    hero: pictures?.hero ?? null,
    logo: pictures?.logo ?? null,
    weightBytes: channel === 'email' ? seen.weightBytes : null,
    // Without a price it is rejected, and none is reserved.
    unitMicros: seen.unitMicros ?? 0,
    inputs,
    hash: sha256(
      canonicalJson({
        inputs,
        message,
        heroSha: pictures?.hero.sha ?? null,
        logoSha: pictures?.logo.sha ?? null,
      }),
    ),
    findings,
    rejected: isRejected(findings),
  };
}

async function makePictures(deps: MakeDeps, content: EffectiveContent, brand: Brand) {
  const [hero, logo] = await Promise.all([renderHero(content, brand, deps.picturesDir), renderLogo(brand)]);
  const stored = async (bytes: Uint8Array, contentType: string): Promise<StoredPicture> => ({
    sha: await deps.blobs.put(bytes, contentType),
    contentType,
    bytes: bytes.length,
  });
  const [heroBlob, logoBlob] = await Promise.all([
    stored(hero.bytes, hero.contentType),
    stored(logo.bytes, 'image/png'),
  ]);
  const url = (picture: StoredPicture): string =>
    `${deps.publicUrl}${assetPath(picture.sha, picture.contentType)}`;
  const shown: EmailPictures = { logoUrl: url(logoBlob), logoWidthPx: logo.widthPx, heroUrl: url(heroBlob) };
  return { hero: { ...heroBlob, isFallback: hero.isFallback }, logo: logoBlob, shown };
}

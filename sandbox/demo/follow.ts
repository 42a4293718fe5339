import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../../domain/campaigns/scenario';
import type { Stage } from '../../domain/shared/words';
import type { CampaignAnswer } from './answers';
import type { Attendance } from './attend';
import { excludedWords } from './prepare';
import { STAGE_WORDS } from './stage-words';
import { thousands, type Teller } from './teller';

const QUIET_MS = 60_000;

export interface FollowOptions {
  readonly scenario: Scenario;
  readonly logsDir: string;
  readonly now?: () => number;
}

export class StalledError extends Error {}

/** Tells a campaign stage by stage until it ends. Throws a StalledError when nothing at all has moved for too long. */
export async function follow(
  attendance: Attendance,
  teller: Teller,
  options: FollowOptions,
): Promise<CampaignAnswer> {
  const now = options.now ?? Date.now;
  const { scenario } = options;
  const longestWaitMs =
    1_000 *
    Math.max(
      scenario.primaryMetric.windowSeconds,
      scenario.rollout.observeSeconds,
      scenario.pilot?.observeSeconds ?? 0,
    );
  const giveUpMs = longestWaitMs + 4 * QUIET_MS;
  const told = new Set<string>();
  let print = '';
  let movedAt = now();
  let saidAt = now();
  let over = false;
  const ended = attendance.ended.finally(() => {
    over = true;
  });
  ended.catch(() => undefined);

  while (!over) {
    const campaign = attendance.latest();
    if (campaign) {
      tellStages(campaign, told, teller, now());
      if (told.has(`${campaign.stage}/begin`)) tellWave(campaign, attendance, teller, scenario, now());
      const fresh = JSON.stringify([
        campaign.stage,
        campaign.blockedOn,
        campaign.deliveries,
        campaign.stages.length,
        campaign.end,
      ]);
      if (fresh !== print) {
        print = fresh;
        movedAt = now();
        saidAt = movedAt;
      }
    }
    if (now() - saidAt > QUIET_MS && now() - movedAt > longestWaitMs) {
      saidAt = now();
      teller.say(`  ${stallWords(campaign, attendance, now())} Logs: ${options.logsDir}`);
    }
    if (now() - movedAt > giveUpMs)
      throw new StalledError(`${stallWords(campaign, attendance, now())} Given up. Logs: ${options.logsDir}`);
    await Promise.race([sleep(300), ended.catch(() => undefined)]);
  }
  const campaign = await ended;
  tellStages(campaign, told, teller, now());
  teller.end();
  return campaign;
}

function stallWords(campaign: CampaignAnswer | null, attendance: Attendance, nowMs: number): string {
  const silent = nowMs - attendance.answeredAt();
  if (silent > 10_000) return `The api has not answered for ${Math.round(silent / 1_000)} s.`;
  if (!campaign) return 'The campaign has not been seen yet.';
  return `No progress: stage “${campaign.stage}”, waiting for ${campaign.blockedOn ?? 'nothing it names'}${campaign.hold === 'run' ? '' : ` (${campaign.hold})`}.`;
}

/** A stage this young may yet turn out to be none of this scenario's. */
const YOUNG_MS = 600;

function tellStages(campaign: CampaignAnswer, told: Set<string>, teller: Teller, nowMs: number): void {
  for (const stage of campaign.stages) {
    if (stage.outcome === 'not-applicable') {
      if (!told.has(`${stage.name}/end`)) teller.head(`${stage.name}: not for this scenario`);
      told.add(`${stage.name}/begin`).add(`${stage.name}/end`);
      continue;
    }
    if (stage.endedAt === null && nowMs - Date.parse(stage.startedAt) < YOUNG_MS) continue;
    if (!told.has(`${stage.name}/begin`)) {
      teller.end();
      told.add(`${stage.name}/begin`);
      teller.head(`${stage.name}: ${STAGE_WORDS[stage.name]}`);
    }
    if (stage.endedAt !== null && !told.has(`${stage.name}/end`)) {
      told.add(`${stage.name}/end`);
      teller.end();
      const seconds = (Date.parse(stage.endedAt) - Date.parse(stage.startedAt)) / 1_000;
      teller.say(`  ${outcomeWords(stage, campaign)} (${seconds.toFixed(1)} s)`);
    }
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function outcomeWords(
  { name, outcome, details }: CampaignAnswer['stages'][number],
  campaign: CampaignAnswer,
): string {
  if (outcome !== 'done') return `Stopped here: ${campaign.endReason ?? outcome ?? 'no reason given'}`;
  const { audience } = campaign;
  switch (name) {
    case 'define': {
      if (!audience) return 'Done.';
      const arms = Object.entries(audience.arms).map(([arm, n]) => `${arm} ${thousands(n)}`);
      return (
        `${thousands(audience.members)} of ${thousands(audience.matched)} people${excludedWords(audience)}; ` +
        `pilot ${thousands(audience.parts.pilot)}, test ${thousands(audience.parts.test)}, roll-out ${thousands(audience.parts.rollout)}; arms ${arms.join(', ')}.`
      );
    }
    case 'audit':
      return `Read and allowed: ${Array.isArray(details['used']) ? details['used'].join(', ') : 'nothing'}.`;
    case 'approve':
      return `Approved by ${text(details['by']) ?? 'somebody'}.`;
    case 'pilot':
      return waveWords(campaign, ['pilot']);
    case 'experiment':
      return waveWords(
        campaign,
        campaign.waves.map((w) => w.wave).filter((w) => w.startsWith('test')),
      );
    case 'rollout':
      return `${text(details['arm']) ?? 'The arm'} to everybody else. ${waveWords(
        campaign,
        campaign.waves.map((w) => w.wave).filter((w) => w.startsWith('rollout')),
      )}`;
    case 'pilot-observe':
      return text(details['words']) ?? 'Nothing crossed.';
    case 'evaluate':
      return Array.isArray(details['reasons']) ? details['reasons'].join(' ') : 'Judged.';
    default:
      return 'Done.';
  }
}

function waveWords(campaign: CampaignAnswer, names: readonly string[]): string {
  const waves = campaign.waves.filter((wave) => names.includes(wave.wave));
  const sum = (key: 'planned' | 'accepted' | 'failed' | 'skipped' | 'uncertain' | 'withheld'): number =>
    waves.reduce((n, wave) => n + wave[key], 0);
  const rest = (['failed', 'skipped', 'uncertain'] as const)
    .filter((key) => sum(key) > 0)
    .map((key) => `, ${thousands(sum(key))} ${key}`);
  const withheld = sum('withheld') > 0 ? `; ${thousands(sum('withheld'))} control people got nothing` : '';
  return `${thousands(sum('planned'))} planned: ${thousands(sum('accepted'))} accepted${rest.join('')}${withheld}.`;
}

const observedSeconds = (scenario: Scenario): Partial<Record<Stage, number>> => ({
  'pilot-observe': scenario.pilot?.observeSeconds ?? 0,
  evaluate: scenario.primaryMetric.windowSeconds,
  observe: scenario.rollout.observeSeconds,
});

function tellWave(
  campaign: CampaignAnswer,
  attendance: Attendance,
  teller: Teller,
  scenario: Scenario,
  nowMs: number,
): void {
  const wave = campaign.waves.find((w) => w.endedAt === null && w.planned > 0);
  if (wave && wave.open > 0) {
    const rate = wave.perSecond === null ? '' : `at ${Math.round(wave.perSecond)}/s`;
    const left = wave.secondsLeft === null ? '' : `, ${Math.round(wave.secondsLeft)} s left`;
    return teller.progress(`Sending ${wave.wave}`, wave.planned - wave.open, wave.planned, `${rate}${left}`);
  }
  const stage = campaign.stages.at(-1);
  const total = stage && observedSeconds(scenario)[stage.name];
  if (!stage || stage.endedAt !== null || total === undefined) return;
  const { opened, followed, unsubscribed } = attendance.reader.counts;
  const words = `s; so far opened ${thousands(opened)}, links followed ${thousands(followed)}, unsubscribed ${thousands(unsubscribed)}, events told ${thousands(attendance.eventsSent())}`;
  const seconds = Math.round((nowMs - Date.parse(stage.startedAt)) / 1_000);
  teller.progress('Observing', Math.min(seconds, total), total, words);
}

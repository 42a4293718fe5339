import type { CampaignView } from '../../../store/campaigns-read-store';
import { standingWords } from '../campaign-state';
import { count, duration, moment } from '../format';
import { html, type Html } from '../html';

/** The first thing read: how it stands, why it waits, how fast it goes and how long it will take. */
export function standing(campaign: CampaignView): Html {
  const { word, sentence: said, tone } = standingWords(campaign);
  const running = campaign.end === null ? campaign.waves.find((w) => w.endedAt === null) : undefined;
  const sentence =
    running && campaign.blockedOn === null && campaign.hold === 'run'
      ? `Sending wave ${running.wave}.`
      : said;
  const rate = running?.perSecond ?? null;
  return html`<section
    class="standing tone-${tone}"
    data-part="standing"
    data-ended="${campaign.end === null ? 'false' : 'true'}"
    aria-label="How it stands"
  >
    <div class="standing-words" role="status">
      <p class="standing-word"><span class="dot" aria-hidden="true"></span>${word}</p>
      ${sentence && html`<p class="standing-why">${sentence}</p>`}
      ${campaign.approval && html`<p class="standing-why">Deadline ${moment(campaign.approval.deadlineAt)}. Decide in Slack, or by <code>POST /v1/campaigns/${campaign.id}/decisions</code>.</p>`}
    </div>
    <dl class="figures">
      ${figure('People', campaign.audience ? count(campaign.audience.members) : '–')}
      ${figure('Accepted', count(campaign.deliveries.accepted))}
      ${running ? figure('Rate', rate === null ? '–' : `${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))}/s`) : ''}
      ${running ? figure('Left', running.secondsLeft === null ? '–' : duration(running.secondsLeft * 1_000)) : ''}
      ${figure('Incidents', count(campaign.incidents))}
    </dl>
  </section>`;
}

const figure = (name: string, value: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;

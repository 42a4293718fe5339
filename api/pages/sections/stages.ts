import { STAGES, type Stage } from '../../../domain/shared/words';
import type { StageRecord } from '../../../store/campaigns-read-store';
import { outcomeTone, stageName, type Tone } from '../campaign-state';
import { duration, moment } from '../format';
import { html, type Html } from '../html';
import { part } from './part';

/** The twelve stages in order, each with its time and outcome; those to come are there too. `tone`: of today's. */
export function stages(records: readonly StageRecord[], tone: Tone): Html {
  const ended = records.filter((r) => r.endedAt !== null).length;
  const strip = html`<ol class="stages">
    ${STAGES.map((name) =>
      stage(
        name,
        records.find((r) => r.name === name),
        tone,
      ),
    )}
  </ol>`;
  return part('stages', 'Stages', strip, html`<p class="muted">${ended} of ${STAGES.length}</p>`);
}

function stage(name: Stage, record: StageRecord | undefined, today: Tone): Html {
  if (record === undefined) {
    return html`<li class="stage stage-next">
      <span class="mark" aria-hidden="true"></span><span class="stage-name">${stageName(name)}</span
      ><span class="stage-note muted">to come</span>
    </li>`;
  }
  const { words, tone: outcome, mark } = outcomeTone(record.endedAt === null ? null : record.outcome);
  const took =
    record.endedAt === null ? null : duration(record.endedAt.getTime() - record.startedAt.getTime());
  const current = record.endedAt === null;
  const tone = current ? today : outcome;
  return html`<li class="stage tone-${tone}" ${current ? html` aria-current="step"` : ''}>
    <span class="mark" aria-hidden="true">${mark}</span><span class="stage-name">${stageName(name)}</span
    ><span class="stage-note"
      >${current && tone === 'wait' ? 'waiting' : words}${took !== null && words !== 'not needed' && html` · ${took}`}</span
    ><span class="stage-time muted">${moment(record.startedAt)}</span>
  </li>`;
}

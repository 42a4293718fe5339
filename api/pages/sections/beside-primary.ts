import {
  differsWords,
  groupsNote,
  groupWords,
  INVALID_NOTE,
  metricsNote,
  metricWords,
  VERDICT_WORDS,
} from '../../../domain/experiments/beside-words';
import type { Effect } from '../../../domain/experiments/effects';
import type { Evaluation } from '../../../domain/experiments/evaluation';
import { factorLines, factorsNote } from '../../../domain/experiments/factor-words';
import { interactionWords } from '../../../domain/experiments/interactions';
import { formatP } from '../../../domain/experiments/p-value';
import { revenueLines, revenueNote } from '../../../domain/experiments/revenue-words';
import { count, percent, points } from '../format';
import { html, type Html } from '../html';
import type { ReadingTerms } from './experiment';

/** What was measured beside the primary metric: other metrics, and declared groups. */
export function besidePrimary(
  result: Evaluation,
  { label, confidence }: Pick<ReadingTerms, 'label' | 'confidence'>,
): Html | null {
  const { otherMetrics = [], groups = [], revenue, factors, interactions = [], decision } = result;
  const brought = revenue?.effects ?? [];
  const choices = factors?.effects ?? [];
  const told = otherMetrics.length + groups.length + brought.length + choices.length + interactions.length;
  if (told === 0) return null;
  const alpha = Number((1 - confidence).toFixed(4));
  const plain = (key: string) => result.arms.find(({ arm }) => arm === key)?.label ?? key;
  const shared = { interval: `${percent(confidence, 0)} interval`, reference: plain(result.reference.arm) };
  const metricRows = otherMetrics.map((measure) => ({
    what: metricWords(measure),
    effects: measure.effects,
  }));
  const groupRows = groups.map((group) => ({ what: groupWords(group), effects: group.effects }));
  return html`${decision.action === 'invalid' && html`<p class="muted small">${INVALID_NOTE}</p>`}
  ${
    revenue !== undefined &&
    brought.length > 0 &&
    html`<h3>What it brought</h3>
      <ul>
        ${revenueLines(revenue, alpha, plain).map((line) => html`<li>${line}</li>`)}
      </ul>
      <p class="muted small">${revenueNote(revenue)}</p>`
  }
  ${
    factors !== undefined &&
    choices.length > 0 &&
    html`<h3>What each choice does</h3>
      <ul>
        ${factorLines(factors, alpha).map((line) => html`<li>${line}</li>`)}
      </ul>
      <p class="muted small">${factorsNote(factors, alpha)}</p>`
  }
  ${
    interactions.length > 0 &&
    html`<h3>Tests that shared people</h3>
      <ul>
        ${interactions.map((one) => html`<li>${interactionWords(one)}</li>`)}
      </ul>`
  }
  ${
    metricRows.length > 0 &&
    html`${effectsTable({ caption: 'Also measured', first: 'Metric', ...shared, adjusted: 'q' }, metricRows, label)}
      <p class="muted small">${metricsNote(alpha)}</p>`
  }
  ${
    groupRows.length > 0 &&
    html`${effectsTable(
        { caption: `${result.metric} by group`, first: 'Group', ...shared, adjusted: 'p' },
        groupRows,
        label,
      )}
      <p class="muted small">${groupsNote(alpha)}</p>
      ${groups
        .flatMap((group) => differsWords(group, alpha, plain))
        .map((words) => html`<p class="muted small">${words}</p>`)}`
  }`;
}

interface TableWords {
  readonly caption: string;
  readonly first: string;
  readonly interval: string;
  /** Label of the arm the others are held against. */
  readonly reference: string;
  readonly adjusted: string;
}

const effectsTable = (
  { caption, first, interval, reference, adjusted }: TableWords,
  rows: readonly { readonly what: string; readonly effects: readonly Effect[] }[],
  label: ReadingTerms['label'],
): Html =>
  html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          <th scope="col">${first}</th>
          <th scope="col">Arm</th>
          <th scope="col" class="num">People</th>
          <th scope="col" class="num">Rate</th>
          <th scope="col" class="num">${reference}</th>
          <th scope="col" class="num">Difference</th>
          <th scope="col" class="num">${interval}</th>
          <th scope="col" class="num">${adjusted}</th>
          <th scope="col">Reading</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ what, effects }) =>
          effects.length === 0
            ? html`<tr>
                <th scope="row">${what}</th>
                <td colspan="8">nobody to compare</td>
              </tr>`
            : effects.map((effect) => effectRow(what, effect, label)),
        )}
      </tbody>
    </table>
  </div>`;

const effectRow = (what: string, effect: Effect, label: ReadingTerms['label']): Html =>
  html`<tr>
    <th scope="row">${what}</th>
    <td>${label(effect.arm)}</td>
    <td class="num">${count(effect.n)}</td>
    <td class="num">${percent(effect.rate, 2)}</td>
    <td class="num">${percent(effect.referenceRate, 2)}</td>
    <td class="num">${points(effect.difference)}</td>
    <td class="num">${points(effect.ci[0])} … ${points(effect.ci[1])}</td>
    <td class="num">${effect.pAdjusted === null ? '–' : formatP(effect.pAdjusted)}</td>
    <td>${VERDICT_WORDS[effect.verdict]}</td>
  </tr>`;

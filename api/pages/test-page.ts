import type { FinishedTest } from '../finished-test';
import { count, moment } from './format';
import { html, type Html } from './html';
import { part } from './sections/part';
import { reading } from './sections/experiment';
import { turning } from './sections/turning';

/** The page of a test that was run elsewhere. */
export function testPage({ result, ...test }: FinishedTest): Html {
  const { evaluation, sensitivity } = result;
  const label = (key: string): Html => {
    const arm = evaluation.arms.find((one) => one.arm === key);
    const reference = evaluation.reference.arm === key;
    return html`${arm?.label ?? key}${reference && html` <span class="tag">${evaluation.reference.role}</span>`}`;
  };
  const people = evaluation.arms.reduce((sum, { n }) => sum + n, 0);
  return html`<nav class="crumbs" aria-label="Breadcrumb">
      <a href="/campaigns">Campaigns</a> <span aria-hidden="true">/</span> Tests
    </nav>
    <div class="title">
      <h1>${test.name}</h1>
      <p class="muted">
        ${count(people)} people · run elsewhere · imported ${moment(test.importedAt)} by ${test.importedBy} ·
        read by Boucle ${test.revision}
      </p>
      ${test.hypothesis !== '' && html`<p>${test.hypothesis}</p>`}
      <p class="links">
        <a href="/v1/experiments/${test.key}">As JSON</a>
        <a href="/v1/experiments/${test.key}?format=markdown">As Markdown</a>
        ${test.replicates !== null && html`<a href="/experiments/${test.replicates}">The test it repeats</a>`}
        <span class="muted">key <code>${test.key}</code></span>
      </p>
    </div>
    ${part(
      'experiment',
      'Test',
      reading(evaluation, {
        label,
        confidence: 1 - test.alpha,
        caption: 'Arms: everybody in the file',
        counted: html`Counted: <code>${evaluation.metric}</code>, each row once.`,
      }),
    )}
    ${part('sensitivity', 'What would have turned it', turning(sensitivity, label))}`;
}

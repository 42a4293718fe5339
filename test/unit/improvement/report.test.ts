import fc from 'fast-check';
import { evaluateExperiment } from '../../../domain/experiments/evaluate';
import { SHARES } from '../../../domain/experiments/words';
import { backlogItems } from '../../../domain/improvement/backlog';
import { backlogMarkdown } from '../../../domain/improvement/knowledge/backlog-markdown';
import { testLogMarkdown } from '../../../domain/improvement/knowledge/test-log-markdown';
import { durationWords } from '../../../domain/improvement/report/duration';
import { inline, number, table } from '../../../domain/improvement/report/markdown';
import { renderReport } from '../../../domain/improvement/report/render';
import { testLogEntry } from '../../../domain/improvement/test-log-entry';
import { anyFacts, campaignFacts } from './facts';

/** Tables below a heading, as rows of cells; numbers as numbers. */
function tables(markdown: string, heading: string): string[][][] {
  const section = markdown.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return section
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
    .map((block) =>
      block
        .split('\n')
        .filter((_, i) => i !== 1)
        .map((line) => line.slice(2, -2).split(/ (?<!\\)\| /)),
    );
}

const figure = (cell: string | undefined): number => Number(cell?.replaceAll(',', ''));

const HILLSTROM_SENT = [
  ['none', 21_306, 2_262],
  ['mens', 21_307, 3_894],
] as const;

const reportOf = (facts: Parameters<typeof renderReport>[0]) => renderReport(facts, backlogItems(facts));

describe('the report', () => {
  test('tells a marketer what was tried, what came of it and what is next', () => {
    const markdown = reportOf(campaignFacts());
    expect(markdown).toContain('# Printemps \\<b\\>\\|\\</b\\> relance');
    expect(markdown).toContain('**Measured by** `visit` within 14 days (more is better)');
    expect(markdown).toContain('| Mens | 1 | variant | Pour lui \\| nouveautés |');
    expect(markdown).toContain('### Decision: ship Mens');
    expect(markdown).toContain('| Mens − No e-mail | +7.66 points | 95% interval +7.00 to +8.32 |');
    expect(markdown).toContain('| Mens − Womens |');
    expect(markdown).toContain('By persona (exploratory): Mens − No e-mail');
    expect(markdown).toContain('Nothing is decided by this table');
    expect(markdown).toMatch(/^## What next$/m);
  });

  test('says when a guardrail held it, and how many messages had gone', () => {
    const message = 'Wave pilot: Guardrail crossed: unsubscribe 1.5% (12 of 804), limit 0.5%.';
    const pauses = [{ at: new Date('2026-03-02T09:30:00Z'), message, gone: 972 }];
    expect(reportOf({ ...campaignFacts(), pauses })).toContain(
      '| 2026-03-02 09:30 UTC | Wave pilot: Guardrail crossed: unsubscribe 1.5% (12 of 804), limit 0.5%. | 972 |',
    );
  });

  test('tells which test decided, by its own intervals, and what became of each arm', () => {
    const facts = campaignFacts();
    const arms = HILLSTROM_SENT.map(([key, n, visits]) => ({
      key,
      weight: 1,
      control: key === 'none',
      n,
      events: visits,
    }));
    const read = (look: 'early' | 'final') => {
      const evaluation = evaluateExperiment({
        metric: 'visit',
        direction: 'increase',
        alpha: 0.05,
        minPerArm: 1_000,
        look,
        arms,
        guardrails: [{ metric: 'unsubscribe', limit: 0.005, arms: [{ key: 'mens', n: 21_290, events: 41 }] }],
      });
      const sends = [{ arm: 'mens', accepted: 21_290, unsubscribed: 41, complained: 2 }];
      return { evaluation, markdown: reportOf({ ...facts, evaluation: { ...evaluation, sends } }) };
    };
    const [early, final] = [read('early'), read('final')];
    expect(final.markdown).toContain('Judged at the end, by the fixed-horizon test.');
    expect(early.markdown).toContain('Judged early, by the always-valid test');
    const [first] = early.evaluation.comparisons;
    expect(early.markdown).toContain(`| ${SHARES.interval(first!.alwaysValid.ci, 0.05)} |`);
    expect(final.markdown).toContain(`| ${SHARES.interval(first!.ci, 0.05)} |`);
    for (const { markdown } of [early, final]) {
      expect(markdown).toContain('| mens | 21,307 | 21,290 | 3,894 | 18.28% | 41 | 2 |');
      expect(markdown).toContain('| none | 21,306 | – | 2,262 | 10.62% | – | – |');
    }
  });

  test('writes amounts as amounts', () => {
    const arm = (key: string, mean: number) => ({ key, weight: 1, control: key === 'none', n: 5_000, mean });
    const evaluation = evaluateExperiment({
      metric: 'spend',
      direction: 'increase',
      alpha: 0.05,
      minPerArm: 1_000,
      arms: [arm('none', 12.5), arm('mens', 14)].map((one) => ({ ...one, variance: 100 })),
    });
    const markdown = reportOf({ ...campaignFacts(), evaluation, personaEffects: null });
    expect(markdown).toContain('| mens | 5,000 | – | – | 14.00 | – | – |');
    expect(markdown).toContain('| mens − none | +1.50 | 95% interval +1.11 to +1.89 |');
  });

  test('says plainly what did not happen', () => {
    const facts = campaignFacts({ end: 'rejected', cells: null, audience: null });
    const markdown = renderReport(
      { ...facts, report: { ...facts.report, deliveries: { ...facts.report.deliveries, waves: [] } } },
      [],
    );
    expect(markdown).toContain('The audience was never frozen.');
    expect(markdown).toContain('The test was not evaluated.');
    expect(markdown).toContain('Nothing was sent.');
    expect(markdown).toContain('No approval was asked for.');
  });

  test('its numbers add up: waterfall, parts, each wave, the whole, the reasons', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const markdown = reportOf(facts);
        expect(markdown).not.toMatch(/NaN|Infinity|undefined/);

        const waterfall = tables(markdown, 'Audience')[0]!.slice(1);
        const people = (from: (label: string) => boolean) =>
          waterfall.filter(([label]) => from(label ?? '')).reduce((sum, [, n]) => sum + figure(n), 0);
        const members = people((label) => label.startsWith('='));
        expect(
          people((label) => label.startsWith('Matched')) - people((label) => label.startsWith('−')),
        ).toBe(members);
        expect(people((label) => label.startsWith('of which'))).toBe(members);

        if (facts.report.deliveries.waves.length === 0) return;
        const [ledger, reasons] = tables(markdown, 'Deliveries');
        const lines = ledger!.slice(1).map((line) => line.slice(1).map(figure));
        for (const [planned, ...states] of lines) {
          expect(states.slice(0, 5).reduce((sum, n) => sum + n, 0)).toBe(planned);
        }
        const whole = lines.at(-1)!;
        whole.forEach((n, column) => {
          expect(lines.slice(0, -1).reduce((sum, line) => sum + line[column]!, 0)).toBe(n);
        });
        const [, , failed, skipped, uncertain] = whole;
        const explained = failed! + skipped! + uncertain! === 0 ? [] : reasons!.slice(1);
        expect(explained.reduce((sum, line) => sum + figure(line[2]), 0)).toBe(
          failed! + skipped! + uncertain!,
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('the test log', () => {
  const ship = campaignFacts();

  test('an entry has its six parts, and its next step is the first of the backlog', () => {
    const entry = testLogEntry(ship, backlogItems(ship));
    expect(entry.context).toContain('64,000 people of segment tous');
    expect(entry.hypothesis).toBe('Un e-mail pour homme fait venir.');
    expect(entry.implementation).toBe(
      'Arms: No e-mail (nothing sent), Mens, Womens. No pilot. Test on 100% of the rest, measured by visit within 14 days. 42,600 of 42,694 planned messages accepted.',
    );
    expect(entry.result).toContain('Ended completed. Mens wins: visit 18.28% against 10.62%');
    expect(entry.insight).toContain('The hypothesis holds as far as Mens goes');
    expect(entry.nextStep).toContain(backlogItems(ship)[0]!.title);
  });

  test('no part is ever empty, and nobody who rejected is named', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const named = { ...facts, report: { ...facts.report, endReason: 'Rejected by bob: no.' } };
        const entry = testLogEntry(named, backlogItems(named));
        for (const part of Object.values(entry)) expect(part.trim()).not.toBe('');
        if (facts.report.end === 'rejected') expect(JSON.stringify(entry)).not.toContain('bob');
      }),
    );
  });

  test('the files are the same bytes for the same rows, and keep a table whatever a title holds', () => {
    const row = {
      ...backlogItems(ship)[0]!,
      title: 'One | two\n| three',
      campaignId: 'cabcdefghijk',
      from: 'Printemps',
      state: 'open',
      createdAt: '2026-11-20T08:00:00.000Z',
    };
    const text = backlogMarkdown([row, { ...row, title: 'closed one', state: 'done' }]);
    expect(text).toBe(backlogMarkdown([row]));
    expect(text).toContain('| One \\| two \\| three |');
    const entry = {
      ...testLogEntry(ship, []),
      campaignId: 'cabcdefghijk',
      testKey: null,
      name: 'Printemps',
      createdAt: '2026-11-20T08:00:00.000Z',
    };
    const elsewhere = { ...entry, campaignId: null, testKey: 'hillstrom' };
    expect(testLogMarkdown([elsewhere])).toContain('## 2026-11-20 · Printemps (run elsewhere, `hillstrom`)');
    expect(testLogMarkdown([entry])).toContain('## 2026-11-20 · Printemps (`cabcdefghijk`)');
    expect(testLogMarkdown([])).toContain('Nothing yet.');
    expect(backlogMarkdown([])).toContain('Nothing yet.');
  });
});

describe('words', () => {
  test.each([
    [14 * 86_400, '14 days'],
    [86_400, '1 day'],
    [5_400, '90 minutes'],
    [90, '90 seconds'],
    [1, '1 second'],
  ])('%p seconds are %s', (seconds, words) => {
    expect(durationWords(seconds)).toBe(words);
  });

  test('numbers, tables and text', () => {
    expect([0, 999, 1_000, 1_234_567, 33.3333].map(number)).toEqual([
      '0',
      '999',
      '1,000',
      '1,234,567',
      '33.3333',
    ]);
    expect(table(['a', 'b'], [['x', 1_000]])).toBe('| a | b |\n| --- | ---: |\n| x | 1,000 |');
    expect(inline(' a\n# `b` [c](d) ')).toBe('a \\# \\`b\\` \\[c\\](d)');
  });
});

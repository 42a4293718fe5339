import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../../config/paths';
import { linksTo, loadInputs } from '../../../sandbox/demo/inputs';
import { parseOptions, UsageError } from '../../../sandbox/demo/options';
import { openRunRecords } from '../../../sandbox/demo/run-record';
import { shortcomings, type DemoSummary } from '../../../sandbox/demo/summary';
import { bar, createTeller } from '../../../sandbox/demo/teller';

const ROOT = fromRoot();
const context = { run: 1, shopUrl: 'http://127.0.0.1:8027', nowMs: Date.parse('2026-03-02T10:00:00Z') };

describe('the command line', () => {
  test('has defaults', () => {
    expect(parseOptions([], ROOT)).toMatchObject({
      exit: false,
      json: null,
      audience: null,
      people: 20_000,
      mapping: fromRoot('examples/generated/mapping.json'),
    });
  });

  test.each([
    [['--audience', 'package.json'], /--audience needs --mapping/],
    [['--audience', 'nowhere.csv', '--mapping', 'examples/hillstrom/mapping.json'], /no file nowhere.csv/],
    [['--people', 'many'], /--people/],
    [['--people', '500', '--audience', 'package.json', '--mapping', 'package.json'], /does not go with/],
    [['--json', 'no/such/folder/out.json'], /no folder/],
    [['--frobnicate'], /frobnicate/],
    [['extra'], /extra/],
  ])('%j is refused with a clear word', (argv, words) => {
    expect(() => parseOptions(argv, ROOT)).toThrow(UsageError);
    expect(() => parseOptions(argv, ROOT)).toThrow(words);
  });
});

describe('what a demonstration starts from', () => {
  test('the generated example is complete, and its links lead to the shop', () => {
    const inputs = loadInputs({ ...parseOptions([], ROOT), people: 500 }, context);
    expect(inputs.people.length).toBeGreaterThan(480);
    expect(inputs.scenario.content.ctaUrl).toBe('http://127.0.0.1:8027/automne');
    expect(
      inputs.scenario.arms
        .flatMap((arm) => arm.content.ctaUrl ?? [])
        .every((url) => url.startsWith('http://127.0.0.1:8027/automne/')),
    ).toBe(true);
  });

  test('a mapping that is none is named with its faults', () => {
    const options = parseOptions(
      ['--mapping', 'package.json', '--scenario', 'examples/generated/scenario.json'],
      ROOT,
    );
    expect(() => loadInputs(options, context)).toThrow(/package\.json is not what it should be/);
  });

  test('a file without the columns that drive the answers is refused', () => {
    const dir = mkdtempSync(join(tmpdir(), 'boucle-demo-'));
    writeFileSync(join(dir, 'a.csv'), 'recency,history\n1,2\n');
    const options = parseOptions(
      ['--audience', join(dir, 'a.csv'), '--mapping', 'examples/hillstrom/mapping.json'],
      ROOT,
    );
    expect(() => loadInputs(options, context)).toThrow(/no column/);
    rmSync(dir, { recursive: true });
  });

  test('links keep path and query', () => {
    expect(
      linksTo('http://shop', { a: [{ ctaUrl: 'https://x.example/p?q=1' }], ctaUrl: 'nonsense' }),
    ).toEqual({
      a: [{ ctaUrl: 'http://shop/p?q=1' }],
      ctaUrl: 'nonsense',
    });
  });
});

test('demonstrations on one folder are counted, those that cannot be read too', () => {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-demo-'));
  const source = { audience: null, mapping: 'm', scenario: 's', people: 5 };
  openRunRecords(dir).write({ run: 1, campaignId: 'c1', source, import: null });
  writeFileSync(join(dir, 'demo-runs', '2.json'), '{"run":');
  const records = openRunRecords(dir);
  expect(records.next).toBe(3);
  expect(records.earlier).toMatchObject([{ run: 1, campaignId: 'c1' }]);
  rmSync(dir, { recursive: true });
});

describe('the teller', () => {
  const lines = (isTTY: boolean) => {
    let text = '';
    let nowMs = 0;
    const teller = createTeller({ write: (piece) => (text += piece), isTTY, columns: 100 }, () => nowMs);
    return { teller, text: () => text, wait: (ms: number) => (nowMs += ms) };
  };

  test('writes plain lines, not too many, where there is no terminal', () => {
    const { teller, text, wait } = lines(false);
    teller.progress('Sending', 1, 10);
    teller.progress('Sending', 2, 10);
    wait(6_000);
    teller.progress('Sending', 3, 10);
    teller.say('Done.');
    expect(text()).toBe('  Sending: 1 of 10\n  Sending: 3 of 10\nDone.\n');
  });

  test('moves one line where there is a terminal, and leaves none behind', () => {
    const { teller, text } = lines(true);
    teller.progress('Sending', 5, 10);
    teller.say('Done.');
    expect(text()).toContain('\r\u001b[2K  Sending ██████████████░░░░░░░░░░░░░░  50 %');
    expect(text().endsWith('\r\u001b[2KDone.\n')).toBe(true);
  });

  test('a bar of nothing is full, and none is over the end', () => {
    expect(bar(0, 0, 4)).toBe('████ 100 %');
    expect(bar(9, 4, 4)).toBe('████ 100 %');
  });
});

describe('whether it was a success', () => {
  const good: DemoSummary = {
    campaignId: 'c',
    workflowId: 'w',
    end: 'completed',
    stages: [],
    import: { rows: 1, created: 1, merged: 0, rejected: 0 },
    audience: null,
    creatives: { rendered: 1, rejected: 0, findings: 0 },
    approvals: [],
    deliveries: { planned: 10, accepted: 7, failed: 1, skipped: 1, uncertain: 1 },
    experiment: null,
    incidents: 0,
    backlog: [{ title: 't', revenuePotential: 1, difficulty: 1, statisticalFeasibility: 1, priority: 1 }],
    history: { events: 1, bytes: 1 },
    urls: { campaign: '', report: '', temporal: '', apiDocs: '', mailSink: '', slack: '' },
  };
  const all = { report: true, testLog: true };

  test('completed and no-winner are, with everything written', () => {
    expect(shortcomings(good, all)).toEqual([]);
    expect(shortcomings({ ...good, end: 'no-winner' }, all)).toEqual([]);
  });

  test.each([
    [{ ...good, end: 'stopped' as const }, all],
    [{ ...good, end: null }, all],
    [{ ...good, backlog: [] }, all],
    [{ ...good, deliveries: { ...good.deliveries, planned: 11 } }, all],
    [good, { report: false, testLog: true }],
    [good, { report: true, testLog: false }],
  ])('anything missing is said (%#)', (summary, written) => {
    expect(shortcomings(summary, written)).toHaveLength(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  approvalBlocks,
  approvalText,
  closedBlocks,
  incidentBlocks,
} from '../../../adapters/slack/approval-blocks';
import { decodeButtonValue } from '../../../adapters/slack/button-value';
import { checkBlocks } from '../../../sandbox/slack/block-checks';
import { card } from './card';

const everyFile = () => true;
const file = (i: number) => `F${String(i).padStart(9, '0')}`;

describe('approval message', () => {
  test('shows pictures, counts, verdict, deadline and three buttons', () => {
    const blocks = approvalBlocks(card(), [file(1), file(2)]);
    expect(checkBlocks(blocks, everyFile)).toEqual([]);
    const text = JSON.stringify(blocks);
    for (const words of [
      'Relance des paniers',
      '20,000 people',
      '500 in the pilot',
      'nothing blocking',
      '2 warnings',
      'Jusqu’à dimanche',
      '*Measured by* more visit within 14 days',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).toContain(`<!date^${Date.parse('2026-11-25T10:00:00Z') / 1_000}^`);
    expect(blocks.filter((b) => b.type === 'image')).toHaveLength(2);
    const actions = blocks.at(-1);
    expect(actions).toMatchObject({
      type: 'actions',
      elements: [
        { action_id: 'boucle.approve', style: 'primary', confirm: { confirm: { text: 'Approve' } } },
        { action_id: 'boucle.reject', style: 'danger' },
        { action_id: 'boucle.details', url: card().pageUrl },
      ],
    });
  });

  test('a message without a subject is shown by its words, its channel named', () => {
    const png = Uint8Array.from([1]);
    const words = 'Derniers jours https://example.test\nSTOP au 36180';
    const blocks = approvalBlocks(
      card({ previews: [{ label: 'SMS · relance · a · adultes', subject: '', words, png }] }),
      [file(1)],
    );
    expect(checkBlocks(blocks, everyFile)).toEqual([]);
    const text = JSON.stringify(blocks);
    expect(text).toContain('*SMS · relance · a · adultes*');
    expect(text).toContain('STOP au 36180');
    expect(text).not.toContain('Subject:');
    expect(blocks.find((b) => b.type === 'image')).toMatchObject({
      alt_text: `SMS · relance · a · adultes: ${words}`,
    });
  });

  test('each decision button carries what it decides, and nothing else', () => {
    const actions = approvalBlocks(card(), []).at(-1) as { elements: { value?: string }[] };
    expect(actions.elements.map((e) => e.value && decodeButtonValue(e.value))).toEqual([
      {
        campaignId: 'cabcdefghijk',
        approvalId: 'a0123456789abcdef',
        subjectHash: 'f'.repeat(64),
        decision: 'approve',
      },
      {
        campaignId: 'cabcdefghijk',
        approvalId: 'a0123456789abcdef',
        subjectHash: 'f'.repeat(64),
        decision: 'reject',
      },
      undefined,
    ]);
  });

  test('stays within the limits of Block Kit whatever it is given', () => {
    const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5_000 });
    fc.assert(
      fc.property(
        words,
        fc.array(words, { maxLength: 40 }),
        fc.dictionary(words, fc.nat(), { maxKeys: 60 }),
        fc.integer({ min: 0, max: 30 }),
        (title, top, arms, previews) => {
          const full = card({
            title,
            owner: title,
            findings: { blocking: top.length, warnings: 0, top },
            audience: { members: 3, pilot: 0, arms },
            measured: [title, ...top].map((words) => ({ what: 'Also counted', words })),
            previews: Array.from({ length: previews }, () => ({
              label: title,
              subject: title,
              preheader: title,
              png: new Uint8Array(1),
            })),
          });
          expect(
            checkBlocks(
              approvalBlocks(
                full,
                Array.from({ length: 30 }, (_, i) => file(i)),
              ),
              everyFile,
            ),
          ).toEqual([]);
          expect(approvalText(full).length).toBeLessThanOrEqual(3_000);
          expect(checkBlocks(closedBlocks(title, title), everyFile)).toEqual([]);
          expect(
            checkBlocks(
              incidentBlocks({ campaignId: 'c', title, message: title, pageUrl: 'http://x/' }),
              everyFile,
            ),
          ).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('cannot be made to mention anybody', () => {
    const hostile = card({
      title: '<!channel>',
      owner: '<@U1>',
      findings: { blocking: 1, warnings: 0, top: ['<!here> & co'] },
    });
    const text = JSON.stringify(approvalBlocks(hostile, []).slice(1)) + approvalText(hostile);
    expect(text).not.toMatch(/<!channel>|<!here>|<@U1>/);
    expect(text).toContain('&lt;!here&gt; &amp; co');
  });
});

import type { Button, KnownBlock } from '@slack/web-api';
import type { ApprovalCard } from '../../domain/approvals/ports';
import { APPROVE_ACTION, DETAILS_ACTION, REJECT_ACTION, encodeButtonValue } from './button-value';
import { clip, clipMrkdwn, slackDate, thousands } from './mrkdwn';

/**
 * Block Kit of the messages. Limits as Slack documents them: 50 blocks a message, header 150 characters, section
 * 3,000, field 2,000, button value 2,000, confirm text 300, alt text 2,000, image title 2,000.
 */
const MAX_PREVIEWS = 6;
const MAX_TOP_FINDINGS = 5;

const plain = (text: string, max: number) => ({
  type: 'plain_text' as const,
  text: clip(text, max),
  emoji: true,
});
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });
const header = (text: string): KnownBlock => ({ type: 'header', text: plain(text, 150) });
const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });

/** The approval request. `fileIds[i]` is the uploaded picture of preview i, null where there is none to show. */
export function approvalBlocks(card: ApprovalCard, fileIds: readonly (string | null)[]): KnownBlock[] {
  const previews = card.previews.slice(0, MAX_PREVIEWS);
  return [
    header(`To approve: ${card.title}`),
    {
      type: 'context',
      elements: [
        mrkdwn(`Owner *${clipMrkdwn(card.owner, 200)}*`),
        mrkdwn(`Campaign \`${clipMrkdwn(card.campaignId, 60)}\``),
        mrkdwn(`Decide before *${slackDate(card.deadlineAt)}*`),
      ],
    },
    ...previews.flatMap((preview, i) => previewBlocks(preview, fileIds[i] ?? null)),
    { type: 'section', fields: audienceFields(card) },
    section(measured(card)),
    section(verdict(card)),
    section(`<${card.pageUrl}|Open the campaign page>`),
    { type: 'actions', block_id: 'boucle.decision', elements: buttons(card) },
  ];
}

function previewBlocks(preview: ApprovalCard['previews'][number], fileId: string | null): KnownBlock[] {
  const lines = [`*${clipMrkdwn(preview.label, 200)}*`];
  if (preview.subject) lines.push(`Subject: ${clipMrkdwn(preview.subject, 500)}`);
  if (preview.preheader) lines.push(`Preheader: ${clipMrkdwn(preview.preheader, 500)}`);
  if (preview.words) lines.push(clipMrkdwn(preview.words, 500));
  const words = section(lines.join('\n'));
  if (fileId === null) return [words];
  return [
    words,
    {
      type: 'image',
      slack_file: { id: fileId },
      alt_text: clip(`${preview.label}: ${preview.subject || preview.words || ''}`, 2_000),
    },
  ];
}

function audienceFields(card: ApprovalCard) {
  const { members, pilot, arms } = card.audience;
  const perArm = Object.entries(arms)
    .map(([arm, n]) => `${clipMrkdwn(arm, 80)}: ${thousands(n)}`)
    .join('\n');
  return [
    mrkdwn(`*Audience*\n${thousands(members)} people, of whom ${thousands(pilot)} in the pilot`),
    mrkdwn(clip(`*Arms (pilot and test)*\n${perArm || 'one version for everybody'}`, 2_000)),
  ];
}

const measured = (card: ApprovalCard): string =>
  clip(card.measured.map(({ what, words }) => `*${what}* ${clipMrkdwn(words, 600)}`).join('\n'), 3_000);

function verdict(card: ApprovalCard): string {
  const { blocking, warnings, top } = card.findings;
  const words =
    blocking > 0 ? `:no_entry: *QA: ${blocking} blocking*` : ':white_check_mark: *QA: nothing blocking*';
  const lines = top.slice(0, MAX_TOP_FINDINGS).map((finding) => `• ${clipMrkdwn(finding, 300)}`);
  return clip([`${words}, ${warnings} warning${warnings === 1 ? '' : 's'}`, ...lines].join('\n'), 3_000);
}

function buttons(card: ApprovalCard): Button[] {
  const carry = (decision: 'approve' | 'reject') =>
    encodeButtonValue({
      campaignId: card.campaignId,
      approvalId: card.approvalId,
      subjectHash: card.subjectHash,
      decision,
    });
  const confirm = (title: string, text: string, yes: string) => ({
    title: plain(title, 100),
    text: plain(text, 300),
    confirm: plain(yes, 30),
    deny: plain('Cancel', 30),
  });
  const size = thousands(card.audience.members);
  return [
    {
      type: 'button',
      action_id: APPROVE_ACTION,
      style: 'primary',
      text: plain('Approve', 75),
      value: carry('approve'),
      confirm: confirm(
        'Approve?',
        `Sending starts with the pilot. Up to ${size} people will be written to.`,
        'Approve',
      ),
    },
    {
      type: 'button',
      action_id: REJECT_ACTION,
      style: 'danger',
      text: plain('Reject', 75),
      value: carry('reject'),
      confirm: confirm('Reject?', 'The campaign ends and nobody is written to.', 'Reject'),
    },
    { type: 'button', action_id: DETAILS_ACTION, text: plain('See details', 75), url: card.pageUrl },
  ];
}

/** What notifications and screen readers get instead of the blocks. */
export const approvalText = (card: ApprovalCard): string =>
  clipMrkdwn(
    `To approve: ${card.title}, ${thousands(card.audience.members)} people, ` +
      `${card.findings.blocking} blocking findings, ${card.findings.warnings} warnings. ${card.pageUrl}`,
    3_000,
  );

/** The message once it is decided: no buttons left. */
export const closedBlocks = (title: string, words: string): KnownBlock[] => [
  header(title),
  section(clipMrkdwn(words, 3_000)),
];

export const incidentBlocks = (incident: {
  readonly campaignId: string;
  readonly title: string;
  readonly message: string;
  readonly pageUrl: string;
}): KnownBlock[] => [
  header(`Incident: ${incident.title}`),
  section(`:rotating_light: ${clipMrkdwn(incident.message, 2_900)}`),
  {
    type: 'context',
    elements: [
      mrkdwn(`Campaign \`${clipMrkdwn(incident.campaignId, 60)}\``),
      mrkdwn(`<${incident.pageUrl}|Open the campaign page>`),
    ],
  },
];

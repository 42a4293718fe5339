import { escapeHtml, standInPage } from '../support/html';
import type { SlackClick } from './person';
import type { SlackApi, SlackMessage } from './slack-api';

type Json = Readonly<Record<string, unknown>>;
const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Slack's mrkdwn, as far as the messages use it. */
export function mrkdwnHtml(text: string): string {
  const marks = text
    .replaceAll('&amp;', '&')
    .split(/(<[^<>]+>)/)
    .map((piece) => {
      const link = /^<(https?:[^|>]+)(?:\|([^>]*))?>$/.exec(piece);
      if (link) return `<a href="${escapeHtml(link[1] ?? '')}">${escapeHtml(link[2] ?? link[1] ?? '')}</a>`;
      const date = /^<!date\^\d+\^[^|>]*\|([^>]*)>$/.exec(piece);
      if (date) return escapeHtml(date[1] ?? '');
      return escapeHtml(piece.replaceAll('&lt;', '<').replaceAll('&gt;', '>'));
    })
    .join('');
  return marks
    .replace(/\*([^*\n]+)\*/g, '<strong>$1</strong>')
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replaceAll(':white_check_mark:', '✅')
    .replaceAll(':no_entry:', '⛔')
    .replaceAll(':rotating_light:', '🚨')
    .replaceAll('\n', '<br>');
}

function textHtml(value: unknown): string {
  const { type, text } = record(value);
  if (typeof text !== 'string') return '';
  return type === 'mrkdwn' ? mrkdwnHtml(text) : escapeHtml(text);
}

function imageHtml(value: unknown, wide: boolean): string {
  const { slack_file: file, image_url: url, alt_text: alt } = record(value);
  const id = record(file)['id'];
  const src =
    typeof id === 'string' ? `/files/${encodeURIComponent(id)}` : typeof url === 'string' ? url : '';
  return `<img src="${escapeHtml(src)}" alt="${escapeHtml(typeof alt === 'string' ? alt : '')}" style="max-width:100%;${wide ? 'max-height:620px;' : 'height:20px;'}border:1px solid #dde3e3;border-radius:6px">`;
}

function blockHtml(value: unknown): string {
  const block = record(value);
  switch (block['type']) {
    case 'header':
      return `<h3>${textHtml(block['text'])}</h3>`;
    case 'divider':
      return '<hr>';
    case 'section':
      return (
        (block['text'] === undefined ? '' : `<p>${textHtml(block['text'])}</p>`) +
        (block['fields'] === undefined
          ? ''
          : `<div style="display:grid;grid-template-columns:1fr 1fr;gap:12px">${list(block['fields'])
              .map((f) => `<div>${textHtml(f)}</div>`)
              .join('')}</div>`)
      );
    case 'context':
      return `<p class="soft">${list(block['elements'])
        .map((e) => (record(e)['type'] === 'image' ? imageHtml(e, false) : textHtml(e)))
        .join(' · ')}</p>`;
    case 'image':
      return `<p>${imageHtml(block, true)}</p>`;
    case 'actions':
      return `<p>${list(block['elements'])
        .map((e) => `<button type="button" disabled>${textHtml(record(e)['text'])}</button>`)
        .join(' ')}</p>`;
    default:
      return '';
  }
}

const messageHtml = (message: SlackMessage): string =>
  `<article class="card"${message.threadTs === null ? '' : ' style="margin-left:32px"'}>` +
  (message.blocks.length === 0
    ? `<p>${mrkdwnHtml(message.text)}</p>`
    : message.blocks.map(blockHtml).join('')) +
  `<p class="soft">${message.edited ? 'edited · ' : ''}${escapeHtml(message.ts)}</p></article>`;

/** The channel as somebody in it sees it, the latest message first. */
export function slackPage(api: SlackApi, clicks: readonly SlackClick[], person: string): string {
  const clicked = clicks.map(
    (c) =>
      `<li>${escapeHtml(c.at.slice(11, 19))} UTC: ${escapeHtml(c.user)} clicked “${escapeHtml(c.button)}” (${c.status === null ? 'no answer' : `HTTP ${c.status}`})</li>`,
  );
  const told = api.ephemerals.map((e) => `<li>only to ${escapeHtml(e.user)}: ${mrkdwnHtml(e.text)}</li>`);
  return standInPage(
    'Slack stand-in',
    `It takes what Slack’s Web API takes. ${person} reads along and clicks like a person would.`,
    (clicked.length + told.length === 0 ? '' : `<ul class="soft">${clicked.join('')}${told.join('')}</ul>`) +
      (api.messages.length === 0
        ? '<p>No message yet.</p>'
        : [...api.messages].reverse().map(messageHtml).join('')),
    10,
  );
}

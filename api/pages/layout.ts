import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { html, type Html } from './html';
import { PAGE_SCRIPT } from './script';
import { PAGE_STYLE } from './style';

const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

export const STYLE_PATH = '/campaigns/pages.css';
export const SCRIPT_PATH = '/campaigns/pages.js';
const STYLE_URL = `${STYLE_PATH}?v=${versionOf(PAGE_STYLE)}`;
const SCRIPT_URL = `${SCRIPT_PATH}?v=${versionOf(PAGE_SCRIPT)}`;

/** Who reads: somebody signed in, or anybody on the machine itself. null: nobody yet (the sign-in page). */
export type Viewer = { readonly kind: 'key'; readonly principal: string } | { readonly kind: 'this-machine' };

/** Answers with a whole page; `live` as in `Shell`. */
export type SendPage = (
  reply: FastifyReply,
  viewer: Viewer | null,
  title: string,
  body: Html,
  live?: string,
) => FastifyReply;

export interface Shell {
  readonly title: string;
  readonly viewer: Viewer | null;
  readonly body: Html;
  /** Path of the fragment that replaces the sections in place; left out, the page stands still. */
  readonly live?: string;
  readonly temporalUiUrl?: string;
}

const LOGO = html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
  <path
    d="M25.5 9.5A11.5 11.5 0 1 0 27.5 16"
    fill="none"
    stroke="currentColor"
    stroke-width="4"
    stroke-linecap="round"
  />
  <path
    d="M19.6 10.6h7.4V3.2"
    fill="none"
    stroke="currentColor"
    stroke-width="4"
    stroke-linecap="round"
    stroke-linejoin="round"
  />
</svg>`;

/** The whole document around a page. Works without the script: then it is loaded again every five seconds. */
export function page(shell: Shell): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${shell.title} · Boucle</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${STYLE_URL}">
${shell.live ? html`<noscript><meta http-equiv="refresh" content="5" /></noscript>` : ''}
<script src="${SCRIPT_URL}" defer></script>
</head>
<body${shell.live ? html` data-live="${shell.live}"` : ''}>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/campaigns">${LOGO}<span>Boucle</span></a>
${shell.viewer ? navigation(shell.viewer, shell.temporalUiUrl) : ''}
</header>
<main id="main" tabindex="-1">
${shell.body}
</main>
<footer class="foot">${
    shell.viewer?.kind === 'this-machine'
      ? 'Open to this machine only, without signing in: the api listens on loopback and does not run in production.'
      : 'Read-only. Counts come from the delivery ledger; no personal data is shown here.'
  }</footer>
</body>
</html>
`.text;
}

const navigation = (viewer: Viewer, temporalUiUrl: string | undefined): Html =>
  html`<nav class="nav" aria-label="Main">
    <a href="/campaigns">Campaigns</a>
    <a href="/holdouts">Programme</a>
    <a href="/docs">API</a>
    ${temporalUiUrl ? html`<a href="${temporalUiUrl}">Temporal</a>` : ''}
    ${
      viewer.kind === 'key'
        ? html`<form method="post" action="/campaigns/sign-out">
            <span class="who">${viewer.principal}</span> <button class="link" type="submit">Sign out</button>
          </form>`
        : ''
    }
  </nav>`;

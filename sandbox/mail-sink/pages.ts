import { escapeHtml, standInPage } from '../support/html';
import type { ReadMail } from './read-mail';
import type { MailCounts, ReceivedMail } from './record';

const SAYS = 'Every mail sent from here ends here. Nothing leaves this machine.';

const thousands = (n: number): string => n.toLocaleString('en-US');

export function mailsPage(
  found: { readonly total: number; readonly mails: readonly ReceivedMail[] },
  counts: MailCounts,
  asked: { readonly address?: string | undefined; readonly campaign?: string | undefined },
): string {
  const rows = found.mails.map(
    (mail) =>
      `<tr><td class="wide soft">${mail.id}</td><td class="wide soft">${escapeHtml(mail.at.slice(11, 19))}</td>` +
      `<td>${escapeHtml(mail.to.join(', '))}</td>` +
      `<td><a href="/m/${mail.id}">${escapeHtml(mail.subject || '(no subject)')}</a></td>` +
      `<td class="wide soft">${escapeHtml(mail.campaign ?? '')}</td></tr>`,
  );
  const more = found.mails.at(-1);
  const query = new URLSearchParams({
    ...(asked.address ? { address: asked.address } : {}),
    ...(asked.campaign ? { campaign: asked.campaign } : {}),
    ...(more ? { before: String(more.id) } : {}),
  });
  const twice = Object.entries(counts.byTimes)
    .filter(([times]) => times !== '1')
    .reduce((sum, [, n]) => sum + n, 0);
  return standInPage(
    'Mail sink',
    SAYS,
    `<form method="get"><input name="address" aria-label="Part of an address" placeholder="Part of an address" value="${escapeHtml(asked.address ?? '')}"><button>Search</button></form>` +
      `<p class="soft">${thousands(counts.mails)} mails to ${thousands(counts.addresses)} addresses` +
      `${twice === 0 ? ', nobody more than once' : `, ${thousands(twice)} more than once (several campaigns may have written to them)`}.</p>` +
      (rows.length === 0
        ? '<p>No mail yet.</p>'
        : `<table><thead><tr><th class="wide">#</th><th class="wide">UTC</th><th>To</th><th>Subject</th><th class="wide">Campaign</th></tr></thead><tbody>${rows.join('')}</tbody></table>`) +
      (more && more.id > 1 && found.mails.length < found.total
        ? `<p><a href="/?${query.toString()}">Older</a></p>`
        : ''),
  );
}

export function mailPage(mail: ReceivedMail, read: ReadMail | null): string {
  const headers = (read?.headers ?? []).map(
    ({ key, value }) => `<dt>${escapeHtml(key)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  const body =
    read === null
      ? '<p>Recorded, but its text was not kept: the sink was full.</p>'
      : read.html === ''
        ? `<pre class="card">${escapeHtml(read.text)}</pre>`
        : `<iframe title="The mail" sandbox="allow-popups" src="/mails/${mail.id}/html"></iframe>` +
          `<details class="card" style="margin-top:18px"><summary>Its plain text</summary><pre style="white-space:pre-wrap">${escapeHtml(read.text)}</pre></details>`;
  return standInPage(
    mail.subject || '(no subject)',
    `to ${mail.to.join(', ')}`,
    `<p><a href="/">All mails</a> · <a href="/mails/${mail.id}/raw">raw message</a></p>` +
      `<details class="card"><summary>Headers</summary><dl>${headers.join('')}</dl></details>${body}`,
  );
}

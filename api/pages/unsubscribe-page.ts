import { Html, html } from './html';

export interface UnsubscribePage {
  /** `ask` before, `done` after, `unknown` where the link names nobody (any more). */
  readonly state: 'ask' | 'done' | 'unknown';
  readonly brandName: string;
  /** Where the button posts to. */
  readonly actionUrl: string;
  readonly locale: string;
}

/** Content-Security-Policy the page is to be sent with. */
export const UNSUBSCRIBE_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const WORDS = {
  fr: {
    ask: (brand: string) => ({
      heading: 'Se désabonner',
      text: `Confirmez pour ne plus recevoir d’e‑mails promotionnels de ${brand}.`,
      button: 'Me désabonner',
    }),
    done: (brand: string) => ({
      heading: 'C’est fait',
      text: `Vous ne recevrez plus d’e‑mails promotionnels de ${brand}. Un message déjà en route peut encore arriver.`,
    }),
    unknown: () => ({
      heading: 'Lien inconnu',
      text: 'Ce lien est incomplet ou n’est plus valable. Ouvrez-le depuis le dernier e‑mail reçu.',
    }),
  },
  en: {
    ask: (brand: string) => ({
      heading: 'Unsubscribe',
      text: `Confirm to get no more promotional e‑mails from ${brand}.`,
      button: 'Unsubscribe me',
    }),
    done: (brand: string) => ({
      heading: 'Done',
      text: `You will get no more promotional e‑mails from ${brand}. A message already on its way may still arrive.`,
    }),
    unknown: () => ({
      heading: 'Unknown link',
      text: 'This link is incomplete or no longer valid. Open it from the latest e‑mail you got.',
    }),
  },
} as const;

const STYLE = `:root{color-scheme:light dark;--bg:#f6f6f3;--card:#fff;--text:#1b2128;--muted:#525c66;--line:#e0e0da;--accent:#0f6b5f;--on:#fff}
@media (prefers-color-scheme:dark){:root{--bg:#12161a;--card:#1b2127;--text:#e9edf0;--muted:#a7b1ba;--line:#2d353d;--accent:#5fd0bd;--on:#0c211d}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--bg);color:var(--text);font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2rem}
.brand{margin:0 0 1.25rem;color:var(--muted);font-size:.9375rem}h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:0 0 1.25rem}p:last-child{margin:0}
button{width:100%;min-height:3rem;border:0;border-radius:10px;background:var(--accent);color:var(--on);font:inherit;font-weight:600;cursor:pointer}
button:focus-visible{outline:3px solid var(--text);outline-offset:3px}`;

/**
 * The page behind the unsubscribe link, for a person: opening it changes nothing (mail scanners open every link), its
 * one button posts. In French or English, by locale; complete in itself, nothing is loaded from anywhere.
 */
export function renderUnsubscribePage({ state, brandName, actionUrl, locale }: UnsubscribePage): string {
  const lang = locale.toLowerCase().startsWith('fr') ? 'fr' : 'en';
  const words: { heading: string; text: string; button?: string } = WORDS[lang][state](brandName);
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${words.heading} · ${brandName}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<p class="brand">${brandName}</p>
<h1>${words.heading}</h1>
<p${state === 'done' ? html` role="status"` : ''}>${words.text}</p>
${words.button !== undefined && html`<form method="post" action="${actionUrl}"><button type="submit">${words.button}</button></form>`}
</main>
</body>
</html>
`.text;
}

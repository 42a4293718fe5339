import { Html, html } from './html';

/** Content-Security-Policy every page for recipients is to be sent with. */
export const RECIPIENT_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

export type Lang = 'fr' | 'en';

/** The languages these pages speak: French, and English for everybody else. */
export const langOf = (locale: string): Lang => (locale.toLowerCase().startsWith('fr') ? 'fr' : 'en');

const STYLE = `:root{color-scheme:light dark;--bg:#f6f6f3;--card:#fff;--text:#1b2128;--muted:#525c66;--line:#e0e0da;--edge:#7d8790;--accent:#0f6b5f;--on:#fff;--tint:#e7f2f0}
@media (prefers-color-scheme:dark){:root{--bg:#12161a;--card:#1b2127;--text:#e9edf0;--muted:#a7b1ba;--line:#2d353d;--edge:#8b96a0;--accent:#5fd0bd;--on:#0c211d;--tint:#19312e}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--bg);color:var(--text);font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2rem}main.wide{max-width:44rem}
.brand{margin:0 0 1.25rem;color:var(--muted);font-size:.9375rem}h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:0 0 1.25rem}p:last-child{margin:0}
button{width:100%;min-height:3rem;border:0;border-radius:10px;background:var(--accent);color:var(--on);font:inherit;font-weight:600;cursor:pointer}
button.quiet{background:none;color:var(--text);border:1px solid var(--edge)}
a{color:var(--accent)}button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--text);outline-offset:3px}
.more,.more:last-child{margin:1.25rem 0 0;font-size:.9375rem}.note{margin-top:1rem;padding:.75rem 1rem;border-radius:10px;background:var(--tint);font-weight:600}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0 0 1.25rem}dt{color:var(--muted)}dd{margin:0;font-weight:600}
blockquote{margin:0 0 1.25rem;padding:.75rem 1rem;border-left:3px solid var(--accent);background:var(--tint);border-radius:0 10px 10px 0;white-space:pre-line}
form+form{margin-top:1.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
fieldset{margin:0 0 1.75rem;padding:0;border:0;min-width:0}legend{padding:0;font-weight:600;font-size:1.125rem}.hint{margin:0 0 .5rem;color:var(--muted);font-size:.9375rem}
fieldset fieldset{margin:0;padding:.75rem 0;border-top:1px solid var(--line)}fieldset fieldset legend{float:left;width:100%;font-size:1rem}fieldset fieldset legend+*{clear:both}
.choices{display:flex;flex-wrap:wrap;gap:0 1.5rem}label{display:inline-flex;gap:.625rem;align-items:center;min-height:2.75rem;cursor:pointer}.choices.stacked{flex-direction:column}
input[type=checkbox],input[type=radio]{width:1.25rem;height:1.25rem;margin:0;flex:none;accent-color:var(--accent)}
.field{display:block;margin-top:.5rem}.field span{display:block}select{width:100%;max-width:20rem;min-height:2.75rem;margin:.25rem 0 1rem;padding:0 .75rem;border:1px solid var(--edge);border-radius:10px;background:var(--card);color:var(--text);font:inherit}`;

export interface RecipientPage {
  readonly lang: Lang;
  readonly brandName: string;
  readonly heading: string;
  readonly wide?: boolean;
  readonly body: Html;
}

/** A page for a recipient, complete in itself: nothing is loaded from anywhere, and nothing needs a script. */
export const recipientPage = ({ lang, brandName, heading, wide, body }: RecipientPage): string =>
  html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<title>${[heading, brandName].filter((part) => part !== '').join(' · ')}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main${wide === true && html` class="wide"`}>
${brandName !== '' && html`<p class="brand">${brandName}</p>`}
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`.text;

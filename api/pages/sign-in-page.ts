import { html, type Html } from './html';

export function signInPage(next: string, failed: boolean): Html {
  return html`<section class="card sign-in" aria-labelledby="sign-in">
    <h1 id="sign-in">Sign in</h1>
    <p>These pages are read-only. Any API key that may read opens them for twelve hours.</p>
    <form method="post" action="/campaigns/sign-in">
      <input type="hidden" name="next" value="${next}" />
      <label for="key">API key</label>
      <input
        id="key"
        name="key"
        type="password"
        autocomplete="current-password"
        spellcheck="false"
        required
        autofocus
        placeholder="bcl_…"
        ${failed ? html` aria-invalid="true" aria-describedby="failed"` : ''}
      />
      ${failed && html`<p id="failed" class="text-bad" role="alert">This key is not known, or it was revoked.</p>`}
      <button type="submit">Sign in</button>
    </form>
  </section>`;
}

/**
 * A link from Slack or a mail brings no cookie along (it is SameSite=Strict), signed in or not. This page loads the
 * same address again from our own site, where the cookie counts.
 */
export const bouncePage = (path: string): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>Boucle</title>
        <meta http-equiv="refresh" content="0;url=${path}" />
      </head>
      <body>
        <p><a href="${path}">Go on</a></p>
      </body>
    </html>`.text;

export function messagePage(heading: string, words: string): Html {
  return html`<section class="card empty">
    <h1>${heading}</h1>
    <p>${words}</p>
    <p><a href="/campaigns">All campaigns</a></p>
  </section>`;
}

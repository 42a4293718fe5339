/**
 * The browser's side of in-app messages, under 3 kB as it is served. It asks for the one message of its placement and
 * shows it as a banner in a shadow root, where the page's styles do not reach. Words arrive by textContent alone: a
 * message is never markup. Reads `data-token`, `data-placement`, `data-context` and `data-target` (a selector; left
 * out, the banner stands at the foot of the window) of its own tag, or is called as `boucleInApp({token, …})` again.
 */
const SOURCE = `'use strict';
(() => {
  const tag = document.currentScript;
  const base = new URL(tag.src).origin + '/in-app/messages';
  const CSS = \`:host{all:initial}aside{box-sizing:border-box;position:relative;max-width:30rem;padding:1.25rem 3.25rem 1.25rem 1.25rem;border:1px solid #8888;border-radius:.75rem;background:#fff;color:#1b1b1b;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
.foot{position:fixed;inset:auto 1rem 1rem auto;margin-left:1rem;box-shadow:0 6px 24px #0004;z-index:2147483000}
h2{margin:0 0 .35rem;font-size:1.0625rem;line-height:1.35}p{margin:0 0 .9rem;white-space:pre-line}
a{display:inline-block;padding:.55rem 1.1rem;border-radius:99px;background:#1b1b1b;color:#fff;font-weight:600;text-decoration:none}
button{position:absolute;top:.5rem;right:.5rem;width:2.75rem;height:2.75rem;border:0;border-radius:50%;background:none;color:inherit;font-size:1.5rem;line-height:1}
:focus-visible{outline:3px solid #1a66d6;outline-offset:2px}
@media(prefers-color-scheme:dark){aside{background:#1e1f22;color:#f3f3f3}a{background:#f3f3f3;color:#1b1b1b}:focus-visible{outline-color:#8ab8ff}}\`;
  const make = (name, words) => { const e = document.createElement(name); if (words) e.textContent = words; return e; };

  const show = async ({ token, placement, context, target }) => {
    const headers = { authorization: 'Bearer ' + token };
    const query = new URLSearchParams({ placement });
    if (context) query.set('context', context);
    const { message } = await (await fetch(base + '?' + query, { headers })).json();
    if (!message) return;
    const tell = (what) => fetch(base + '/' + message.id + '/' + what, { method: 'POST', headers, keepalive: true }).catch(() => {});

    const place = target && document.querySelector(target);
    const host = make('div');
    const root = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    host.role = 'status';
    (place || document.body).append(host);

    const banner = make('aside');
    banner.lang = message.locale;
    if (!place) banner.className = 'foot';
    const title = make('h2', message.title);
    title.id = 'title';
    banner.setAttribute('aria-labelledby', 'title');
    banner.append(title, make('p', message.body));
    if (/^https?:/.test(message.ctaUrl)) {
      const link = make('a', message.ctaLabel);
      link.href = message.ctaUrl;
      link.onclick = () => void tell('clicked');
      banner.append(link);
    }
    const close = make('button', '×');
    close.type = 'button';
    close.ariaLabel = message.locale.startsWith('fr') ? 'Fermer' : 'Close';
    const dismiss = () => { tell('dismissed'); host.remove(); };
    close.onclick = dismiss;
    banner.onkeydown = (e) => { if (e.key === 'Escape') dismiss(); };
    banner.append(close);
    root.append(banner);
    new IntersectionObserver((seen, self) => {
      if (seen.some((s) => s.isIntersecting)) { self.disconnect(); tell('shown'); }
    }, { threshold: 0.5 }).observe(banner);
  };
  window.boucleInApp = show;
  if (tag.dataset.token) show(tag.dataset).catch(() => {});
})();
`;

/** Without the indentation people read it by. */
export const IN_APP_SCRIPT = SOURCE.replace(/\n\s+/g, '\n');

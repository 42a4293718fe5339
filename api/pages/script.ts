/**
 * The pages' only script, served as it stands. Fetches the fragment every two seconds while the page is visible and
 * puts in place the sections that changed, so that focus, open details and what a screen reader reads are left
 * alone; and writes times in the reader's own zone.
 */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
  const long = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
  const localise = (root) => {
    for (const time of root.querySelectorAll('time[datetime]')) {
      const at = new Date(time.dateTime);
      time.textContent = short.format(at);
      time.title = long.format(at);
    }
  };
  const live = document.body.dataset.live;
  const sections = (root) => root.querySelectorAll('[data-part]');
  // As the server wrote them, before times are localised: what a fragment is compared with.
  const known = new Map([...sections(document)].map((s) => [s.dataset.part, s.outerHTML]));
  localise(document);
  if (!live) return;

  const replace = (next) => {
    const old = document.querySelector('[data-part="' + next.dataset.part + '"]');
    if (!old) return;
    const focused = old.contains(document.activeElement) && document.activeElement.id;
    const open = [...old.querySelectorAll('details[open][id]')].map((d) => d.id);
    localise(next);
    old.replaceWith(next);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  let stopped = false;
  const tick = async () => {
    if (stopped || document.hidden) return;
    const answer = await fetch(live, { headers: { accept: 'text/html' }, redirect: 'error' });
    if (answer.status === 401 || answer.status === 404) { location.reload(); stopped = true; return; }
    if (!answer.ok) throw new Error(String(answer.status));
    const root = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const next of sections(root)) {
      const text = next.outerHTML;
      if (known.get(next.dataset.part) === text) continue;
      known.set(next.dataset.part, text);
      replace(document.adoptNode(next));
    }
    document.body.dataset.stale = 'false';
    if (root.querySelector('[data-ended="true"]')) stopped = true;
  };
  const loop = async () => {
    try { await tick(); } catch { document.body.dataset.stale = 'true'; }
    if (!stopped) setTimeout(loop, 2000);
  };
  setTimeout(loop, 2000);
})();
`;

/** Text as it may stand in HTML, inside and outside of attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const STYLE = `
:root{color-scheme:light;--ink:#1f2a2c;--soft:#6a7678;--line:#dde3e3;--ground:#f6f7f5;--accent:#1f5a5e}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
header{background:#fff;border-bottom:1px solid var(--line);padding:14px 24px;display:flex;gap:18px;align-items:center;flex-wrap:wrap}
header h1{font-size:17px;margin:0}
header p{margin:0;color:var(--soft);font-size:13px}
main{max-width:1080px;margin:0 auto;padding:22px 24px 60px}
a{color:var(--accent)}
table{border-collapse:collapse;width:100%;background:#fff;border:1px solid var(--line);border-radius:8px;overflow:hidden}
th,td{text-align:left;padding:8px 12px;border-top:1px solid var(--line);vertical-align:top}
th{font-size:12px;color:var(--soft);font-weight:600;border-top:0}
form{display:flex;gap:8px;margin:0 0 16px}
input{font:inherit;padding:7px 10px;border:1px solid var(--line);border-radius:6px;min-width:300px}
button{font:inherit;padding:7px 14px;border:1px solid var(--accent);background:var(--accent);color:#fff;border-radius:6px}
.card{background:#fff;border:1px solid var(--line);border-radius:8px;padding:18px 20px;margin:0 0 18px}
.soft{color:var(--soft);font-size:13px}
code{font-size:13px}
iframe{width:100%;height:1150px;border:1px solid var(--line);border-radius:8px;background:#fff}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0 0 16px;font-size:13px}
dt{color:var(--soft)} dd{margin:0;overflow-wrap:anywhere}
@media (max-width:640px){main{padding:14px}.wide{display:none}input{min-width:0;width:100%}}
`;

/** One plain page of a stand-in. `body` is HTML already. */
export const standInPage = (title: string, says: string, body: string, refreshSeconds?: number): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
  `<meta name="viewport" content="width=device-width,initial-scale=1">` +
  (refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}">`) +
  `<style>${STYLE}</style></head><body><header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(says)}</p></header>` +
  `<main>${body}</main></body></html>`;

/**
 * The pages' one style sheet, served as it stands. Colours are pairs for light and dark; text on its ground keeps at
 * least 4.5:1 in both (measured by the browser test). No inline styles anywhere: the policy forbids them.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f5f5f1; --card: #ffffff; --raised: #fafaf7; --line: #deded6; --line-strong: #c6c7bd;
  --text: #1a2027; --muted: #57606a;
  --accent: #0f6b5f; --on-accent: #ffffff; --accent-soft: #e0f0ec;
  --good: #0f6b5f; --good-soft: #dff0eb; --busy: #1d5bbf; --busy-soft: #e3ecfb; --wait: #8a5300; --wait-soft: #fbeed5;
  --bad: #b3261e; --bad-soft: #fbe5e2; --calm: #57606a; --calm-soft: #ebebe6;
  --f-accepted: #17897a; --f-failed: #c9372c; --f-skipped: #9aa3ab; --f-uncertain: #d08b13; --f-track: #e6e6df;
  --radius: 12px;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1316; --card: #171c21; --raised: #1d242a; --line: #2a323a; --line-strong: #3e4851;
    --text: #e8ecef; --muted: #a3adb6;
    --accent: #63d2bf; --on-accent: #0b201c; --accent-soft: #143a34;
    --good: #63d2bf; --good-soft: #123731; --busy: #8ab4f8; --busy-soft: #1b2f4d; --wait: #f2bd64; --wait-soft: #3d2d10;
    --bad: #ff9d93; --bad-soft: #471d1a; --calm: #a3adb6; --calm-soft: #262d33;
    --f-accepted: #3cb9a5; --f-failed: #ef6a5e; --f-skipped: #6b757e; --f-uncertain: #e0a338; --f-track: #2a323a;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--busy); outline-offset: 2px; border-radius: 4px; }
main:focus { outline: none; }
h1, h2, h3, h4, p, ul, ol, dl, figure, blockquote { margin: 0; padding: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; line-height: 1.3; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, monospace; font-size: .875em; }
pre { margin: .75rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--raised); overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.muted { color: var(--muted); } .small { display: block; font-size: .8125rem; } .regular { font-weight: 400; } .text-bad { color: var(--bad); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.break { overflow-wrap: anywhere; }
.skip { position: absolute; left: -999px; top: 0; padding: .75rem 1rem; background: var(--card); z-index: 2; }
.skip:focus { left: 1rem; }

.top { display: flex; align-items: center; justify-content: space-between; gap: 1rem; flex-wrap: wrap; max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem; }
.brand { display: inline-flex; align-items: center; gap: .6rem; color: var(--text); font-weight: 700; font-size: 1.125rem; letter-spacing: -.01em; text-decoration: none; }
.logo { width: 1.625rem; height: 1.625rem; color: var(--accent); }
.nav { display: flex; align-items: center; gap: 1.25rem; flex-wrap: wrap; font-size: .9375rem; }
.nav a { color: var(--text); text-decoration: none; padding: .35rem 0; } .nav a:hover { text-decoration: underline; }
.nav form { display: flex; gap: .75rem; align-items: center; } .who { color: var(--muted); }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: 0 1.25rem; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.link { min-height: 0; padding: .35rem 0; background: none; color: var(--accent); font-weight: 400; text-decoration: underline; text-underline-offset: .18em; }
main { max-width: 76rem; margin: 0 auto; padding: .5rem 1.5rem 3rem; display: grid; gap: 1.25rem; grid-template-columns: minmax(0, 1fr); }
.foot { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem 2rem; color: var(--muted); font-size: .8125rem; border-top: 1px solid var(--line); }
body[data-stale="true"] .foot::before { content: "Not up to date: the api does not answer. "; color: var(--bad); font-weight: 600; }

.crumbs { font-size: .875rem; color: var(--muted); margin-bottom: -.75rem; }
.title { display: grid; gap: .35rem; }
.links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9375rem; }
.asked { display: flex; flex-wrap: wrap; align-items: end; gap: .75rem 1.25rem; margin-top: .5rem; font-size: .9375rem; } .asked label { display: grid; gap: .25rem; } .asked a { padding: .75rem 0; }
.asked select { font: inherit; min-height: 2.75rem; padding: 0 .75rem; border: 1px solid var(--line-strong); border-radius: 8px; background: var(--card); color: var(--text); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); padding: 1.25rem 1.5rem 1.5rem; display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); align-content: start; }
.card[hidden] { display: none; }
.card.flush { padding: 0; overflow: hidden; }
.card-head { display: flex; align-items: baseline; justify-content: space-between; flex-wrap: wrap; gap: .25rem 1rem; }
.card-head .muted { font-size: .875rem; }

.standing { background: var(--card); border: 1px solid var(--line); border-left: 6px solid var(--tone); border-radius: var(--radius); padding: 1.25rem 1.5rem; display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; justify-content: space-between; align-items: center; }
.standing-words { flex: 1 1 20rem; display: grid; gap: .25rem; }
.standing-word { font-size: 1.375rem; font-weight: 650; line-height: 1.25; display: flex; align-items: center; gap: .6rem; letter-spacing: -.01em; }
.standing-why { color: var(--muted); max-width: 65ch; overflow-wrap: anywhere; }
.dot { width: .75rem; height: .75rem; border-radius: 50%; background: var(--tone); flex: none; }
.tone-busy > .standing-words .dot { animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .35; } }
.figures { display: flex; flex-wrap: wrap; gap: .75rem 2rem; }
.figures dt { color: var(--muted); font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.375rem; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.25; letter-spacing: -.01em; }
.tone-good { --tone: var(--good); --tone-soft: var(--good-soft); } .tone-busy { --tone: var(--busy); --tone-soft: var(--busy-soft); }
.tone-wait { --tone: var(--wait); --tone-soft: var(--wait-soft); } .tone-bad { --tone: var(--bad); --tone-soft: var(--bad-soft); }
.tone-calm { --tone: var(--calm); --tone-soft: var(--calm-soft); }
.chip { display: inline-block; padding: .1rem .6rem; border-radius: 99px; background: var(--tone-soft); color: var(--tone); font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.tag { display: inline-block; padding: 0 .4rem; border: 1px solid var(--line-strong); border-radius: 5px; color: var(--muted); font-size: .75rem; font-weight: 500; line-height: 1.4; }
.tag-blocking { color: var(--bad); border-color: currentColor; } .tag-warning { color: var(--wait); border-color: currentColor; }

.stages { list-style: none; display: grid; grid-template-columns: repeat(12, minmax(0, 1fr)); grid-template-rows: repeat(4, auto); gap: 0; isolation: isolate; }
.stage { position: relative; display: grid; grid-row: span 4; grid-template-rows: subgrid; row-gap: .1rem; justify-items: center; text-align: center; padding: 0 .15rem; font-size: .8125rem; line-height: 1.3; align-content: start; }
.stage::before { content: ""; position: absolute; top: .8125rem; left: -50%; width: 100%; height: 2px; background: var(--line-strong); }
.stage:first-child::before { display: none; }
.mark { position: relative; z-index: 1; width: 1.625rem; height: 1.625rem; border-radius: 50%; display: grid; place-items: center; margin-bottom: .35rem; background: var(--tone, var(--card)); color: var(--card); border: 2px solid var(--tone, var(--line-strong)); font-size: .8125rem; font-weight: 700; line-height: 1; }
.stage.tone-calm .mark { background: var(--card); color: var(--calm); border-color: var(--line-strong); }
.stage[aria-current] .mark { background: var(--card); box-shadow: inset 0 0 0 4px var(--card), inset 0 0 0 12px var(--tone); }
.stage-name { font-weight: 600; } .stage-next .stage-name { font-weight: 500; color: var(--muted); }
.stage-note { color: var(--tone, var(--muted)); font-size: .75rem; } .stage-time { font-size: .75rem; }

.bar { display: block; width: 100%; border-radius: 4px; } .bar-big { height: 1.5rem; border-radius: 6px; } .bar-small { height: .625rem; min-width: 6rem; }
.fill-track, .fill-open { fill: var(--f-track); } .fill-accepted, .fill-of { fill: var(--f-accepted); } .fill-failed { fill: var(--f-failed); }
.fill-skipped, .fill-less { fill: var(--f-skipped); } .fill-uncertain { fill: var(--f-uncertain); } .fill-whole { fill: var(--text); }
.bg-accepted { background: var(--f-accepted); } .bg-failed { background: var(--f-failed); } .bg-skipped { background: var(--f-skipped); }
.bg-uncertain { background: var(--f-uncertain); } .bg-open { background: var(--f-track); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: .75rem; height: .75rem; border-radius: 3px; margin-right: .4rem; vertical-align: -.05em; border: 1px solid var(--line-strong); }
.sum { color: var(--muted); font-size: .875rem; font-variant-numeric: tabular-nums; } .sum strong { color: var(--text); }

.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; color: var(--muted); font-size: .8125rem; padding-bottom: .4rem; }
th, td { text-align: left; padding: .55rem .75rem; vertical-align: middle; border-top: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--muted); font-size: .8125rem; font-weight: 500; border-top: 0; white-space: nowrap; }
tbody th { font-weight: 600; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.wide { width: 34%; } .narrow { max-width: 36rem; } .plot { min-width: 12rem; width: 30%; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.5rem 3rem; align-items: start; }
.waterfall .step-less th, .waterfall .step-of th { font-weight: 400; padding-left: 1.25rem; }
.waterfall .step-whole th { font-weight: 650; }
.list th, .list td { padding: .9rem 1rem; } .list th:first-child, .list td:first-child { padding-left: 1.5rem; } .list th:last-child, .list td:last-child { padding-right: 1.5rem; }
.list .wide { width: 28%; } .row-link { display: block; font-weight: 650; overflow-wrap: anywhere; } .list th .muted { font-size: .8125rem; }
.list tbody tr:hover { background: var(--raised); }
.list .bar { margin-bottom: .3rem; }

.verdict { border-left: 4px solid var(--tone); padding: .1rem 0 .1rem 1rem; display: grid; gap: .25rem; max-width: 75ch; }
.verdict-word { font-size: 1.25rem; font-weight: 650; color: var(--tone); }
.forest { display: block; width: 100%; min-width: 10rem; height: 1.375rem; }
.forest line { stroke: var(--line-strong); stroke-width: 2; } .forest .zero { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 3; }
.forest .ci { stroke: var(--muted); } .forest .ci-clear { stroke: var(--accent); } .dot-clear { fill: var(--accent); } .dot-open { fill: var(--card); stroke: var(--muted); stroke-width: 2; }
.timeline { display: block; width: 100%; max-width: 48rem; height: auto; } .timeline .rule { stroke: var(--line); stroke-width: 1; }
.timeline .zero { stroke: var(--muted); stroke-width: 1; stroke-dasharray: 3 3; } .timeline .ci { stroke: var(--muted); stroke-width: 2; } .timeline .ci-clear { stroke: var(--accent); }
.timeline .band { fill: var(--accent-soft); } .timeline .middle { fill: none; stroke: var(--accent); stroke-width: 1.5; }
.timeline text { fill: var(--muted); font-size: .75rem; } .timeline .name { fill: var(--text); font-weight: 600; font-size: .8125rem; }

.creatives { list-style: none; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1.25rem; }
.creative { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; background: var(--raised); display: flex; flex-direction: column; }
.creative img { display: block; width: 100%; height: auto; aspect-ratio: 2 / 1; object-fit: cover; background: var(--f-track); border-bottom: 1px solid var(--line); }
.creative-words { aspect-ratio: 2 / 1; margin: 0; padding: 1rem 1.1rem; background: var(--f-track); border-bottom: 1px solid var(--line); font-size: .9375rem; line-height: 1.45; white-space: pre-line; overflow: hidden; overflow-wrap: anywhere; }
.creative-body { padding: .9rem 1rem 1rem; display: grid; gap: .4rem; font-size: .875rem; overflow-wrap: anywhere; }
.creative h3 { font-size: 1rem; line-height: 1.35; } .creative h3 a { color: var(--text); } .creative-for { color: var(--muted); font-size: .8125rem; }
details > summary { cursor: pointer; color: var(--muted); font-size: .875rem; padding: .25rem 0; width: fit-content; } details > summary:hover { color: var(--text); }
.findings { list-style: none; display: grid; gap: .35rem; padding-top: .35rem; font-size: .875rem; }
.rows { list-style: none; display: grid; gap: .75rem; } .rows > li { display: grid; gap: .35rem; } .rows > li + li { border-top: 1px solid var(--line); padding-top: .75rem; }
ol.rows { list-style: decimal inside; } ol.rows > li { display: list-item; }
.decisions { list-style: none; display: grid; gap: .35rem; padding-left: 1rem; border-left: 2px solid var(--line); font-size: .9375rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); gap: 1rem 2rem; } .facts dt { color: var(--muted); font-size: .8125rem; } .facts dd { margin: 0; }
.prose { display: grid; gap: .75rem; grid-template-columns: minmax(0, 1fr); padding-top: .5rem; } .prose p, .prose li { max-width: 75ch; } .prose ul, .prose ol { padding-left: 1.25rem; } .prose h3 { font-size: 1.0625rem; } .prose h4, .prose h5, .prose h6 { font-size: 1rem; }
.prose blockquote { border-left: 3px solid var(--line-strong); padding-left: 1rem; color: var(--muted); }

.tabs { display: flex; gap: .5rem; flex-wrap: wrap; }
.tabs a { display: inline-flex; align-items: center; gap: .4rem; min-height: 2.5rem; padding: 0 .9rem; border-radius: 99px; border: 1px solid var(--line-strong); color: var(--text); text-decoration: none; font-size: .9375rem; }
.tabs a[aria-current] { background: var(--text); border-color: var(--text); color: var(--ground); }
.badge { font-size: .8125rem; opacity: .85; font-variant-numeric: tabular-nums; }
.empty { justify-items: start; padding: 2.5rem 2rem; } .empty pre { width: 100%; margin: 0; }
.pager { text-align: center; }
.sign-in { max-width: 28rem; width: 100%; margin: 8vh auto 0; padding: 2rem; } .sign-in h1 { font-size: 1.5rem; } .sign-in form { display: grid; gap: .6rem; } .sign-in label { font-weight: 600; font-size: .9375rem; } .sign-in button { margin-top: .5rem; }
input { font: inherit; min-height: 2.75rem; padding: 0 .75rem; border: 1px solid var(--line-strong); border-radius: 8px; background: var(--ground); color: var(--text); width: 100%; } input[aria-invalid] { border-color: var(--bad); }
.frames { display: flex; gap: 2rem; flex-wrap: wrap; align-items: start; } .frame { display: grid; gap: .5rem; max-width: 100%; } .frame figcaption { color: var(--muted); font-size: .8125rem; }
.frame iframe { border: 1px solid var(--line-strong); border-radius: 10px; background: #fff; max-width: 100%; height: 52rem; } .frame-desktop { flex: 1 1 40rem; } .frame-desktop iframe { width: 100%; } .frame-phone iframe { width: 23.5rem; border-radius: 22px; }

.said { display: grid; gap: .5rem; align-content: start; width: min(100%, 24rem); } .said figcaption { color: var(--muted); font-size: .8125rem; } .said p { overflow-wrap: anywhere; white-space: pre-line; } .said-letter { width: min(100%, 42rem); }
.bubble { background: var(--raised); border: 1px solid var(--line); border-radius: 1.25rem 1.25rem 1.25rem .35rem; padding: .75rem 1rem; line-height: 1.45; }
.notice { background: var(--raised); border: 1px solid var(--line); border-radius: 1rem; padding: 1rem 1.15rem; display: grid; gap: .4rem; } .notice-title { font-weight: 650; }
.notice-cta { display: inline-block; margin-top: .35rem; padding: .4rem 1rem; border-radius: 99px; background: var(--text); color: var(--ground); font-size: .875rem; font-weight: 600; }
.sheet { background: #fff; color: #1a1a1a; border: 1px solid var(--line-strong); border-radius: 3px; padding: clamp(1.25rem, 6vw, 3.5rem); font-family: Georgia, "Times New Roman", serif; line-height: 1.55; display: grid; gap: .9rem; min-height: 24rem; align-content: start; } .sheet-subject { font-weight: 700; }

@media (max-width: 60rem) {
  .stages { grid-template-columns: 1fr; grid-template-rows: none; gap: .1rem; }
  .stage { grid-row: auto; grid-template-rows: none; grid-template-columns: 1.625rem minmax(6.5rem, auto) 1fr auto; justify-items: start; align-items: center; text-align: left; gap: .75rem; padding: .3rem 0; }
  .stage::before { top: -50%; left: .75rem; width: 2px; height: 100%; } .mark { margin: 0; } .stage-note { font-size: .8125rem; }
}
@media (max-width: 44rem) {
  body { font-size: .9375rem; } h1 { font-size: 1.4375rem; }
  .top, main, .foot { padding-left: 1rem; padding-right: 1rem; } .top { gap: .25rem 1rem; }
  .card { padding: 1rem 1rem 1.25rem; } .standing { padding: 1rem; } .stage-time { display: none; }
  .list thead { display: none; } .list, .list tbody, .list tr, .list th, .list td { display: block; width: auto; }
  .list tr { padding: 1rem; border-top: 1px solid var(--line); } .list tr:first-child { border-top: 0; }
  .list th, .list td, .list th:first-child, .list td:first-child, .list th:last-child, .list td:last-child { padding: .15rem 0; border: 0; } .list .wide { width: auto; }
  .list td[data-label="Owner"]::before, .list td[data-label="Started"]::before { content: attr(data-label) " "; color: var(--muted); }
  .list td { font-size: .875rem; } .empty { padding: 1.5rem 1rem; }
}
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) { .mark, .dot, .swatch { forced-color-adjust: none; } }
`;

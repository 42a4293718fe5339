import { performance } from 'node:perf_hooks';
import {
  compileCreative,
  fillByLiquid,
  type Fill,
  type PersonalUrls,
} from '../adapters/renderer/personalise';
import { compileMime } from '../adapters/smtp/compiled-mime';
import type { Bench, PreparedBench } from './bench';
import { benchMail, benchPerson } from './mails';

const KILOBYTES = 33;
const VARIABLES = 40;

export const personaliseBench: Bench = {
  name: 'personalise',
  workload: `fill in n e-mails of ${KILOBYTES} kB with ${VARIABLES} variables: subject, HTML and text, each one flat string`,
  against: 'liquidjs, its templates parsed once',
  defaultN: 100_000,
  unit: 'per second',
  reach: { atLeast: 5 },
  prepare: (n) => Promise.resolve(prepare(n)),
};

const url = (path: string, n: number): string =>
  `https://crm.example.test/${path}/${String(n).padStart(28, 'x')}`;
const urlsOf = (n: number): PersonalUrls => ({
  links: [url('t/c', n), url('t/c', n + 1)],
  unsubscribeUrl: url('u', n),
  pixelUrl: n % 2 === 0 ? url('t/o', n) : null,
});

function prepare(n: number): PreparedBench {
  const creative = benchMail(KILOBYTES, VARIABLES);
  const slots = compileCreative(creative);
  const liquid = fillByLiquid(creative);
  const microseconds: number[] = [];
  return {
    ours: () => Promise.resolve(rate(slots, n)),
    reference: () => {
      // Beside the question, and what a send really does: the whole message, encoded for the wire.
      microseconds.push(1_000_000 / mimeRate(n));
      return Promise.resolve(rate(liquid, n));
    },
    notes: () => [
      `one e-mail of ${(creative.html.length / 1_000).toFixed(1)} kB`,
      `the whole MIME of one, headers and quoted-printable: ${microseconds.map((us) => us.toFixed(1)).join(', ')} µs`,
    ],
    close: () => Promise.resolve(),
  };
}

/** Asked for its bytes, a string built of pieces becomes one, as it must before it goes anywhere. */
function rate(fill: Fill, n: number): number {
  const began = performance.now();
  let bytes = 0;
  for (let i = 0; i < n; i += 1) {
    const { subject, html, text } = fill(benchPerson(i), urlsOf(i));
    bytes += Buffer.byteLength(subject) + Buffer.byteLength(html) + Buffer.byteLength(text);
  }
  if (bytes < n * KILOBYTES * 900) throw new Error('the e-mails are too small');
  return (n * 1_000) / (performance.now() - began);
}

function mimeRate(n: number): number {
  const fill = compileMime(benchMail(5, 9), {
    from: { name: 'Maison Lumen', address: 'bonjour@maison.example' },
    headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  });
  if (fill === null) throw new Error('the creative could not be cut into slots');
  const wire = Buffer.alloc(64 << 10);
  const date = new Date();
  const began = performance.now();
  for (let i = 0; i < n; i += 1) {
    const urls = urlsOf(i);
    const mime = fill({
      person: benchPerson(i),
      urls,
      values: {},
      to: `p${i}@example.test`,
      messageId: `<d${i}@maison.example>`,
      headers: { 'List-Unsubscribe': `<${urls.unsubscribeUrl}>` },
      date,
    });
    if (mime === null || wire.write(mime, 'latin1') !== mime.length) throw new Error('nothing was filled in');
  }
  return (n * 1_000) / (performance.now() - began);
}

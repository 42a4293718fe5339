import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import type { OutgoingEmail } from '../../../domain/delivery/ports';
import { openMailRecord } from '../../../sandbox/mail-sink/record';
import { startMailSink, type MailSink } from '../../../sandbox/mail-sink/sink';

const mail = (deliveryId: number, address: string, more: Partial<OutgoingEmail> = {}): OutgoingEmail => ({
  deliveryId,
  to: { address },
  from: { name: 'Maison Lumen', address: 'bonjour@maison.example' },
  subject: 'Votre été, à la maison',
  html: '<html><body><a href="http://127.0.0.1/t/c/abc?a=1&amp;b=2">Voir</a><img src="http://127.0.0.1/t/o/xyz" alt=""><script>alert(1)</script></body></html>',
  text: 'Bonjour\n.une ligne qui commence par un point',
  headers: { 'Feedback-ID': 'c123:crm:promotion:maison', 'X-Boucle-Delivery': String(deliveryId) },
  messageId: `<d${deliveryId}@maison.example>`,
  ...more,
});

describe('the mail sink', () => {
  let dir: string;
  let sink: MailSink;
  const received: string[] = [];
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'boucle-sink-'));
    received.length = 0;
    sink = await startMailSink({
      dataDir: dir,
      smtpPort: 0,
      webPort: 0,
      onMail: (m) => received.push(...m.to),
    });
  });
  afterEach(async () => {
    await sink.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const send = async (...mails: OutgoingEmail[]) => {
    const sender = createSmtpSender({ url: sink.smtpUrl, connections: 4 });
    const outcomes = await Promise.all(mails.map((m) => sender.send(m)));
    await sender.close();
    return outcomes;
  };
  const get = async (path: string) => (await fetch(`${sink.webUrl}${path}`)).json();

  test('takes mails by SMTP and says what each address received', async () => {
    const outcomes = await send(mail(1, 'Zoe@X.example'), mail(2, 'ali@x.example'), mail(3, 'zoe@x.example'));
    expect(outcomes.map((o) => o.kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(await get('/counts')).toEqual({
      mails: 3,
      addresses: 2,
      byTimes: { 1: 1, 2: 1 },
      repeated: [{ address: 'zoe@x.example', mails: 2 }],
    });
    expect(await get('/counts?campaign=another')).toMatchObject({ mails: 0 });
    expect((await get('/mails?address=ali')).mails).toMatchObject([
      { to: ['ali@x.example'], campaign: 'c123', delivery: '2', subject: 'Votre été, à la maison' },
    ]);
    expect(received.sort()).toEqual(['ali@x.example', 'zoe@x.example', 'zoe@x.example']);
  });

  test('shows one mail, without what runs and without telling the sender', async () => {
    await send(mail(1, 'zoe@x.example'));
    const shown = await get('/mails/1');
    expect(shown.links).toEqual(['http://127.0.0.1/t/c/abc?a=1&b=2']);
    expect(shown.text).toContain('\n.une ligne');
    const html = await fetch(`${sink.webUrl}/mails/1/html`);
    expect(html.headers.get('content-security-policy')).toContain('sandbox');
    expect(await html.text()).not.toContain('/t/o/');
    const page = await (await fetch(`${sink.webUrl}/m/1`)).text();
    expect(page).toContain('sandbox="allow-popups"');
    expect(page).not.toContain('<script');
    expect((await fetch(`${sink.webUrl}/m/2`)).status).toBe(404);
  });

  test('escapes what it is asked', async () => {
    const page = await (await fetch(`${sink.webUrl}/?address=${encodeURIComponent('"><script>')}`)).text();
    expect(page).not.toContain('"><script>');
  });

  test('refuses an address that does not exist, as a real host would', async () => {
    const [outcome] = await send(mail(1, 'zoe@introuvable.example'));
    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(await get('/counts')).toMatchObject({ mails: 0 });
  });

  test('a connection that breaks off leaves nothing, and the next mail is taken', async () => {
    const { port } = new URL(sink.smtpUrl);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n');
        setTimeout(() => {
          socket.write('Subject: half\r\n\r\nhalf a mess');
          socket.destroy();
          resolve();
        }, 400);
      });
    });
    await send(mail(1, 'zoe@x.example'));
    expect(await get('/counts')).toMatchObject({ mails: 1 });
  });

  test('its record outlives it, whatever a kill cut short', async () => {
    await send(mail(1, 'zoe@x.example'), mail(2, 'ali@x.example'));
    await sink.close();
    appendFileSync(join(dir, 'mails.ndjson'), '{"id":3,"at":"2026-');
    appendFileSync(join(dir, 'mails.raw'), 'half a message');
    sink = await startMailSink({ dataDir: dir, smtpPort: 0, webPort: 0 });
    expect(await get('/counts')).toMatchObject({ mails: 2 });
    await send(mail(3, 'eva@x.example', { subject: 'third' }));
    expect(await get('/mails/3')).toMatchObject({
      id: 3,
      subject: 'third',
      links: ['http://127.0.0.1/t/c/abc?a=1&b=2'],
    });
  });
});

test('mails over the limit are counted without their text', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'boucle-sink-'));
  const record = openMailRecord(dir, 10);
  const about = {
    from: 'a@b.example',
    to: ['c@d.example'],
    subject: 's',
    campaign: null,
    delivery: null,
    messageId: null,
  };
  await Promise.all([
    record.append(about, Buffer.from('12345678')),
    record.append(about, Buffer.from('12345678')),
  ]);
  expect(record.raw(1)?.toString()).toBe('12345678');
  expect(record.raw(2)).toBeUndefined();
  expect(record.counts()).toMatchObject({ mails: 2, addresses: 1, byTimes: { 2: 1 } });
  await record.close();
  rmSync(dir, { recursive: true, force: true });
});

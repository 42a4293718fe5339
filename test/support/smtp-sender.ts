import { createSmtpSender } from '../../adapters/smtp/smtp-sender';
import type { EmailSender, OutgoingEmail } from '../../domain/delivery/ports';
import { smtpStandIn, type Script, type SmtpStandIn } from './smtp-stand-in';

export const email = (more: Partial<OutgoingEmail> = {}): OutgoingEmail => ({
  deliveryId: 7,
  to: { address: 'camille@example.test' },
  from: { name: 'Maison Lumière, Paris', address: 'bonjour@lumiere.example.test' },
  replyTo: 'aide@lumiere.example.test',
  subject: 'L’été à Saint-Étienne : -30 % sur « l’art de la table » jusqu’à dimanche minuit',
  html: '<p style="a=b">Été</p>\n.\n..deux points\nfin ',
  text: 'Été\n.\n..deux points\nfin ',
  headers: {
    'List-Unsubscribe':
      '<https://crm.example.test/u/abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'Feedback-ID': 'c1:crm:promotion:lumiere',
  },
  messageId: '<d7.c1@lumiere.example.test>',
  ...more,
});

/** `against`: a sender and the relay it talks to. Those, and whatever a test adds to `open`, are closed after it. */
export function smtpUnderTest() {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  const against = async (
    script: Script,
    options: { connections?: number; answerTimeoutMs?: number } = {},
  ): Promise<{ relay: SmtpStandIn; sender: EmailSender }> => {
    const relay = await smtpStandIn(script);
    const sender = createSmtpSender({
      url: relay.url,
      connections: options.connections ?? 1,
      answerTimeoutMs: options.answerTimeoutMs ?? 5_000,
      connectTimeoutMs: 300,
    });
    open.push(relay, sender);
    return { relay, sender };
  };
  return { open, against };
}

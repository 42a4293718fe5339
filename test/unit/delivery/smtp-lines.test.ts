import { createSmtpSender } from '../../../adapters/smtp/smtp-sender';
import { email, smtpUnderTest } from '../../support/smtp-sender';

const { open, against } = smtpUnderTest();

describe('connections that are got ready', () => {
  it('are there before the message, and carry it', async () => {
    const { sender, relay } = await against(
      { greeting: { afterMs: 100, say: '220 at last' } },
      { connections: 3 },
    );
    expect(await sender.ready?.(2)).toBe(2);
    expect(relay.connections()).toBe(2);
    const both = await Promise.all([sender.send(email()), sender.send(email({ deliveryId: 8 }))]);
    expect(both).toEqual(Array(2).fill(expect.objectContaining({ kind: 'accepted' })));
    expect(relay.connections()).toBe(2);
    // Nothing to wait for.
    expect(sender.ready?.(2)).toBe(2);
  });

  it('are used while another one hangs, and asked for no more often than it may be', async () => {
    const { sender, relay } = await against(
      { greeting: (nth) => (nth <= 2 ? '220 hello' : null) },
      { connections: 3 },
    );
    const before = Date.now();
    expect(await sender.ready?.(3)).toBe(2);
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(sender.ready?.(3)).toBe(2);
    expect(relay.connections()).toBe(3);
  });

  it('go once more on a fresh one where the relay has closed them since', async () => {
    const { sender, relay } = await against({
      mail: (nth) => (nth === 1 ? '421 4.4.2 idle for too long' : '250 ok'),
    });
    await sender.ready?.(1);
    expect(await sender.send(email())).toMatchObject({ kind: 'accepted' });
    expect(relay.connections()).toBe(2);
  });

  it('leave it to the message to find out that there is no relay', async () => {
    const sender = createSmtpSender({ url: 'smtp://127.0.0.1:1', connections: 2 });
    open.push(sender);
    expect(await sender.ready?.(2)).toBe(2);
    expect(await sender.send(email())).toEqual({ kind: 'retry', code: 'relay-unreachable' });
  });
});

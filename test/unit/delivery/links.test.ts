import * as fc from 'fast-check';
import { createLinkSigner } from '../../../adapters/links/signer';
import { createLinkUrls } from '../../../adapters/links/urls';

const signer = createLinkSigner('a secret of some length');
const ids = fc.integer({ min: 0, max: 2 ** 48 - 1 });

it('reads back what it signed, whatever the ids', () => {
  fc.assert(
    fc.property(ids, fc.integer({ min: 0, max: 65_535 }), (deliveryId, linkIndex) => {
      expect(signer.read(signer.click(deliveryId, linkIndex))).toEqual({
        kind: 'click',
        deliveryId,
        linkIndex,
      });
      expect(signer.read(signer.open(deliveryId))).toEqual({ kind: 'open', deliveryId });
      expect(signer.read(signer.unsubscribe(deliveryId))).toEqual({ kind: 'unsubscribe', deliveryId });
      expect(signer.read(signer.preferences(deliveryId))).toEqual({ kind: 'preferences', deliveryId });
    }),
  );
});

it('refuses a token with any character changed, cut or added', () => {
  const token = signer.unsubscribe(123_456);
  for (let at = 0; at < token.length; at += 1) {
    for (const other of ['A', 'B', '-', '_', '=', 'é']) {
      if (token[at] === other) continue;
      expect(signer.read(token.slice(0, at) + other + token.slice(at + 1))).toBeNull();
    }
    expect(signer.read(token.slice(0, at))).toBeNull();
  }
  for (const wrong of ['', `${token}A`, ` ${token}`, `${token}=`, '..', '%00'])
    expect(signer.read(wrong)).toBeNull();
});

it("refuses another secret's tokens, and one kind passed off as another", () => {
  expect(createLinkSigner('another secret altogether').read(signer.open(1))).toBeNull();
  const [open, unsubscribe] = [signer.open(9), signer.unsubscribe(9)].map((token) =>
    Buffer.from(token, 'base64url'),
  );
  const forged = Buffer.concat([
    unsubscribe?.subarray(0, 9) ?? Buffer.alloc(0),
    open?.subarray(9) ?? Buffer.alloc(0),
  ]);
  expect(signer.read(forged.toString('base64url'))).toBeNull();
});

it('makes addresses of the public one, with no personal data in them', () => {
  const urls = createLinkUrls(signer, 'https://crm.example.test/');
  expect(urls.click(1, 0)).toMatch(/^https:\/\/crm\.example\.test\/t\/c\/[\w-]{28}$/);
  expect(urls.open(1)).toMatch(/^https:\/\/crm\.example\.test\/t\/o\/[\w-]{28}$/);
  expect(urls.unsubscribe(1)).toMatch(/^https:\/\/crm\.example\.test\/u\/[\w-]{28}$/);
});

it('a return path names its delivery, in a local part no relay finds too long', () => {
  const path = createLinkUrls(signer, 'https://crm.example.test').returnPath(4_711, 'retour.example.test');
  const [local = '', domain] = path.split('@');
  expect(domain).toBe('retour.example.test');
  expect(local.length).toBeLessThanOrEqual(64);
  expect(signer.read(local.replace('bounce+', ''))).toEqual({ kind: 'bounce', deliveryId: 4_711 });
});

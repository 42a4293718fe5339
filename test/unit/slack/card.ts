import type { ApprovalCard } from '../../../domain/approvals/ports';

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

export function card(change: Partial<ApprovalCard> = {}): ApprovalCard {
  return {
    campaignId: 'cabcdefghijk',
    approvalId: 'a0123456789abcdef',
    subjectHash: 'f'.repeat(64),
    title: 'Relance des paniers de printemps',
    owner: 'Équipe fidélité',
    audience: { members: 20_000, pilot: 500, arms: { a: 4_000, b: 4_100, control: 3_900 } },
    findings: { blocking: 0, warnings: 2, top: ['alt-text: trop court', 'weight: 96 kB'] },
    measured: [{ what: 'Measured by', words: 'more visit within 14 days' }],
    previews: [
      { label: 'Fidèles · A', subject: 'Vos avantages', preheader: 'Jusqu’à dimanche', png },
      { label: 'Nouveaux · A', subject: 'Bienvenue', png },
    ],
    pageUrl: 'http://127.0.0.1:8080/campaigns/cabcdefghijk',
    deadlineAt: '2026-11-25T10:00:00.000Z',
    ...change,
  };
}

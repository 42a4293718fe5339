import { createConsentStore } from '../../../store/consent-store';
import { createProfilesStore } from '../../../store/profiles-store';
import { databaseForEach } from '../../support/database';
import { file, importFile, MAPPING, PEPPER } from '../../support/imports';

const database = databaseForEach(4);

test('an undated grant lifts no withdrawal; a later dated one does', async () => {
  const row = (at: string, yes: string): string => file(`1,anne@exemple.fr,,,,,,,${yes},${at}`);
  await importFile(database.db, 'one', MAPPING, row('', 'oui'));
  const consents = createConsentStore(database.db.app);
  const id = (await createProfilesStore(database.db, PEPPER).find({ customerKey: '1' }))?.id ?? 0;
  const withdrawal = {
    profileId: id,
    purpose: 'promotion',
    channel: 'email',
    source: 'unsubscribe-link',
    recordedBy: 'test',
  } as const;
  expect(await consents.of(id)).toMatchObject([{ purpose: 'promotion', granted: true }]);
  expect(await consents.withdraw(withdrawal)).toBe(true);
  expect(await consents.withdraw(withdrawal)).toBe(false);
  await importFile(database.db, 'two', MAPPING, row('', 'oui'));
  await importFile(
    database.db,
    'three',
    {
      ...MAPPING,
      key: 'other',
      consents: MAPPING.consents?.map((c) => ({ ...c, source: 'elsewhere' })) ?? [],
    },
    row('', 'oui'),
  );
  await importFile(database.db, 'four', MAPPING, row('2020-01-01', 'oui'));
  expect(await consents.of(id)).toMatchObject([{ granted: false }]);
  const later = await consents.append([
    {
      profileId: id,
      purpose: 'promotion',
      channel: 'email',
      action: 'granted',
      at: new Date().toISOString(),
      source: 'form',
      recordedBy: 'test',
    },
  ]);
  expect(later).toBe(1);
  expect(await consents.of(id)).toMatchObject([{ granted: true }]);
  const replayed = await database.db.app`
    select distinct on (profile_id, purpose, channel) profile_id, purpose, channel, action = 'granted' as granted, id as event_id
    from consent_events order by profile_id, purpose, channel, at desc, id desc`;
  expect(
    await database.db.app`select profile_id, purpose, channel, granted, event_id from consent_state`,
  ).toEqual(replayed);
});

test('consents come with their proof: words kept, ids, basis, end; an objection is one', async () => {
  const consents = {
    purpose: 'newsletter',
    channel: 'email',
    column: 'said',
    values: { yes: 'granted', never: 'objected' },
    atColumn: 'said_at',
    expiresColumn: 'until',
    proofColumn: 'proof',
    wordingColumn: 'words',
    wording: 'Je m’abonne.',
    legalBasis: 'soft-opt-in',
    source: 'shop',
  } as const;
  const { record, rejects } = await importFile(
    database.db,
    'proofs',
    { key: 'proofs', source: 'shop', fields: [{ column: 'id', to: 'customerKey' }], consents: [consents] },
    [
      'id,said,said_at,until,proof,words',
      '1,yes,2025-01-02,2028-01-02,scan-17,"Oui, je le veux."',
      '2,yes,2025-01-03,,,',
      '3,never,2025-01-04,2028-01-02,call-9,',
      '4,yes,2025-01-05,,Anne Durand said so,',
    ].join('\n'),
  );
  expect(record).toMatchObject({ rows: 4, created: 3, rejected: 1, consents: 3 });
  expect(rejects.map((r) => [r.line, r.field, r.code])).toEqual([
    [5, 'consents.newsletter.email', 'proof-invalid'],
  ]);
  const kept = await database.db.app`
    select e.action, e.legal_basis, e.expires_at, e.evidence->>'proof' as proof, w.wording
    from consent_events e join consent_wordings w on w.sha256 = e.wording_sha256 order by e.at`;
  const end = new Date('2028-01-02T00:00:00Z');
  const said = { action: 'granted', legal_basis: 'soft-opt-in' };
  expect([...kept]).toEqual([
    { ...said, expires_at: end, proof: 'scan-17', wording: 'Oui, je le veux.' },
    { ...said, expires_at: null, proof: null, wording: 'Je m’abonne.' },
    { ...said, action: 'objected', expires_at: null, proof: 'call-9', wording: 'Je m’abonne.' },
  ]);
});

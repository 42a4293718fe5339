import { createHash } from 'node:crypto';
import { createProfilesActivities } from '../../activities/profiles';
import type { EventType } from '../../domain/events/event-type';
import type { MappingInput } from '../../domain/profiles/mapping';
import type { Db } from '../../store/db';
import { createPoliciesStore } from '../../store/policies-store';
import { createImportBatches } from '../../store/import-batches';
import { createImportsStore, type ImportRecord, type StoredReject } from '../../store/imports-store';

export const PEPPER = 'a-pepper-for-tests-alone';

export interface RanImport {
  readonly record: ImportRecord;
  readonly rejects: readonly StoredReject[];
  readonly heartbeats: readonly number[];
}

/** As the worker asks for them. */
export const eventTypesOf = (db: Db) => async (): Promise<EventType[]> =>
  Object.values(await createPoliciesStore(db.app).list('event-type'));

/** Stages a file in pieces of `chunkBytes` and runs its import as the activity would. */
export async function importFile(
  db: Db,
  id: string,
  mapping: MappingInput,
  file: string | Buffer,
  chunkBytes = 64 * 1024,
  heldRows?: number,
): Promise<RanImport> {
  const imports = createImportsStore(db.app);
  await stageFile(db, id, mapping, file, chunkBytes);
  const heartbeats: number[] = [];
  const { runImport } = createProfilesActivities({
    imports,
    batches: createImportBatches(db.identity, PEPPER),
    eventTypes: eventTypesOf(db),
    ...(heldRows !== undefined && { heldRows }),
    heartbeat: ({ rows }) => heartbeats.push(rows),
  });
  await runImport({ importId: id });
  const record = await imports.get(id);
  if (record === null) throw new Error(`import ${id} is gone`);
  return { record, rejects: await imports.rejects(id, { limit: 10_000 }), heartbeats };
}

export async function stageFile(
  db: Db,
  id: string,
  mapping: MappingInput,
  file: string | Buffer,
  chunkBytes = 64 * 1024,
): Promise<void> {
  const imports = createImportsStore(db.app);
  const bytes = typeof file === 'string' ? Buffer.from(file, 'utf8') : file;
  await imports.putMapping(mapping.key, mapping, 'anne');
  await imports.create({ id, mapping: mapping.key, filename: `${id}.csv`, createdBy: 'anne' });
  for (let at = 0, seq = 0; at < bytes.length; at += chunkBytes, seq += 1) {
    await imports.appendChunk(id, seq, bytes.subarray(at, at + chunkBytes));
  }
  const gzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  await imports.seal(
    id,
    createHash('sha256').update(bytes).digest('hex'),
    bytes.length,
    gzip ? 'gzip' : 'identity',
  );
}

/** A file of people with one purchase and one consent each. */
export const MAPPING: MappingInput = {
  key: 'shop',
  source: 'shop-crm',
  fields: [
    { column: 'id', to: 'customerKey' },
    { column: 'mail', to: 'email' },
    { column: 'tel', to: 'phone' },
    { column: 'prenom', to: 'firstName' },
    { column: 'cp', to: 'postcode' },
    { column: 'age', to: 'attributes.age', type: 'integer' },
    { column: 'spend', to: 'attributes.spend_cents', type: 'money' },
  ],
  events: [{ type: 'purchase', monthsAgoColumn: 'recency', valueColumn: 'spend' }],
  consents: [
    {
      purpose: 'promotion',
      channel: 'email',
      column: 'optin',
      values: { oui: 'granted', non: 'refused' },
      atColumn: 'optin_at',
      source: 'web',
      wording: "J'accepte",
    },
  ],
};
export const HEADER = 'id,mail,tel,prenom,cp,age,spend,recency,optin,optin_at';
export const file = (...rows: string[]): string => [HEADER, ...rows].join('\n');

import { z } from 'zod';
import { CONTACTS_MAX, contactSchema } from '../../domain/frequency/contact';
import {
  contactRowReader,
  missingContactColumns,
  type ContactReject,
} from '../../domain/frequency/contact-row';
import { csvRecords } from '../../domain/profiles/csv-records';
import { BoucleError } from '../../domain/shared/errors';
import type { ContactRefusal, ContactsStore } from '../../store/contacts-store';
import type { IdempotencyStore } from '../../store/idempotency-store';
import { claimOrAnswer, idempotencyKeyOf, requestHash } from '../plugins/idempotency';
import type { App } from '../types';

/** A thousand contacts of the largest size. */
const BODY_LIMIT_BYTES = 4 << 20;
const FILE_LIMIT_BYTES = 4 * 2 ** 30;
/** Rejects that are told one by one; the rest are counted. */
const REJECTS_SHOWN = 1_000;

const REFUSALS: Readonly<Record<ContactRefusal, string>> = {
  'profile-unknown': 'nobody is known by this key',
  'in-future': 'lies in the future',
};

const importedSchema = z.object({
  rows: z.int().describe('rows = accepted + duplicates + rejected'),
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  rejects: z
    .array(z.object({ line: z.int(), field: z.string(), code: z.string(), reason: z.string() }))
    .describe(`The first ${REJECTS_SHOWN}.`),
});

export interface ContactsImportDeps {
  readonly contacts: ContactsStore;
  readonly idempotency: IdempotencyStore;
}

/** Contacts made by other tools, live and their history. They count against the caps. */
export async function contactsImportRoutes(
  root: App,
  { contacts, idempotency }: ContactsImportDeps,
): Promise<void> {
  root.post(
    '/v1/contacts',
    {
      bodyLimit: BODY_LIMIT_BYTES,
      config: { roles: ['editor'] },
      schema: {
        tags: ['contacts'],
        summary: `One contact another tool made, or up to ${CONTACTS_MAX}, each counted once by its source and id`,
        body: z.union([contactSchema, z.array(contactSchema).min(1).max(CONTACTS_MAX)]),
        response: {
          200: z.object({
            accepted: z.int(),
            duplicates: z.int(),
            rejected: z.array(z.object({ index: z.int(), code: z.string() })),
          }),
        },
      },
    },
    async ({ body }) => {
      const { accepted, duplicates, rejected } = await contacts.append(Array.isArray(body) ? body : [body]);
      return { accepted, duplicates, rejected: [...rejected] };
    },
  );

  // A scope of its own: text/csv is a stream here.
  await root.register(async (app: App) => {
    app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    app.post(
      '/v1/contacts/import',
      {
        config: { roles: ['editor'], ownIdempotency: true },
        schema: {
          tags: ['contacts'],
          summary:
            'Takes a CSV file of contacts other tools made; a row that is known already changes nothing',
          consumes: ['text/csv'],
          querystring: z.strictObject({ delimiter: z.enum([',', ';', '\t']).default(',') }),
          body: z
            .any()
            .describe(
              'The file, in UTF-8: source, external_id, at, nature, channel, department, optionally format, and one of profile_id, customer_key, email, phone.',
            ),
          response: { 200: importedSchema },
        },
      },
      async (request, reply) => {
        const key = idempotencyKeyOf(request);
        if (key !== null) {
          // The file is read as it comes, so that its length stands in for its bytes; sent again, its rows change nothing.
          const length = request.headers['content-length'] ?? '';
          const claim = { key, hash: requestHash(request, Buffer.from(length)) };
          if (await claimOrAnswer(idempotency, request, reply, claim)) return reply;
        }
        return importFile(contacts, request.raw, request.query.delimiter);
      },
    );
  });
}

type Imported = z.infer<typeof importedSchema>;

async function importFile(
  contacts: ContactsStore,
  file: AsyncIterable<Uint8Array>,
  delimiter: string,
): Promise<Imported> {
  const done: Imported = { rows: 0, accepted: 0, duplicates: 0, rejected: 0, rejects: [] };
  const refuse = (rejects: readonly ContactReject[]): void => {
    done.rejected += 1;
    done.rejects.push(...rejects.slice(0, REJECTS_SHOWN - done.rejects.length));
  };
  let held: Parameters<ContactsStore['append']>[0][number][] = [];
  let lines: number[] = [];
  const flush = async (): Promise<void> => {
    if (held.length === 0) return;
    const { accepted, duplicates, rejected } = await contacts.append(held);
    done.accepted += accepted;
    done.duplicates += duplicates;
    for (const { index, code } of rejected)
      refuse([{ line: lines[index] ?? 0, field: '*', code, reason: REFUSALS[code] }]);
    held = [];
    lines = [];
  };
  let read: ReturnType<typeof contactRowReader> | null = null;
  const form = { delimiter, missing: missingContactColumns };
  for await (const { header, records } of csvRecords(limited(file), form)) {
    read ??= contactRowReader(header);
    for (const record of records) {
      done.rows += 1;
      const row =
        'fault' in record
          ? { ok: false as const, rejects: [brokenLine(record.line)] }
          : read(record.cells, record.line);
      if (!row.ok) {
        refuse(row.rejects);
        continue;
      }
      held.push(row.contact);
      lines.push(record.line);
      if (held.length === CONTACTS_MAX) await flush();
    }
  }
  await flush();
  done.rejects.sort((a, b) => a.line - b.line);
  return done;
}

const brokenLine = (line: number): ContactReject => ({
  line,
  field: '*',
  code: 'quotes-broken',
  reason: 'a quote is not closed, or something follows a closing quote',
});

async function* limited(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of file) {
    bytes += chunk.length;
    if (bytes > FILE_LIMIT_BYTES) throw new BoucleError('too-large', 'The file is larger than 4 GiB.');
    yield chunk;
  }
}

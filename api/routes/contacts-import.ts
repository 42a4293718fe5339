import { z } from 'zod';
import { CONTACTS_MAX, contactSchema } from '../../domain/frequency/contact';
import { contactRowReader, missingContactColumns } from '../../domain/frequency/contact-row';
import type { ContactRefusal, ContactsStore } from '../../store/contacts-store';
import type { IdempotencyStore } from '../../store/idempotency-store';
import { importCsv, importedSchema } from '../csv-import';
import { keyedFile } from '../plugins/idempotency';
import type { App } from '../types';

/** A thousand contacts of the largest size. */
const BODY_LIMIT_BYTES = 4 << 20;

const REFUSALS: Readonly<Record<ContactRefusal, string>> = {
  'profile-unknown': 'nobody is known by this key',
  'in-future': 'lies in the future',
};

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
        const file = await keyedFile(idempotency, request, reply);
        if (file === null) return reply;
        return importCsv(file, {
          delimiter: request.query.delimiter,
          missing: missingContactColumns,
          batch: CONTACTS_MAX,
          readerOf: (header) => {
            const read = contactRowReader(header);
            return (cells, line) => {
              const row = read(cells, line);
              return row.ok ? { value: row.contact } : { rejects: row.rejects };
            };
          },
          write: async (values) => {
            const { rejected, ...counts } = await contacts.append(values);
            return { ...counts, rejected: rejected.map((one) => ({ ...one, reason: REFUSALS[one.code] })) };
          },
        });
      },
    );
  });
}

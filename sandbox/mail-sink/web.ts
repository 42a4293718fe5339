import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { mailPage, mailsPage } from './pages';
import { readMail } from './read-mail';
import type { MailFilter, MailRecord } from './record';

const PAGE = 50;
const query = z.object({
  address: z.string().trim().min(1).optional().catch(undefined),
  campaign: z.string().min(1).optional(),
  since: z.string().min(1).optional(),
  before: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(PAGE),
});
const params = z.object({ id: z.coerce.number().int().positive() });

/** The open pixel would tell the sender that the person opened it, when it is only somebody looking in here. */
const withoutPixel = (html: string): string => html.replace(/<img\b[^>]*\/t\/o\/[^>]*>/gi, '');

const filterOf = ({ address, campaign, since }: z.infer<typeof query>): MailFilter => ({
  ...(address === undefined ? {} : { address }),
  ...(campaign === undefined ? {} : { campaign }),
  ...(since === undefined ? {} : { since }),
});

/** Page and JSON of what was received: `/`, `/m/:id`, `/mails`, `/mails/:id`, `/mails/:id/html|raw`, `/counts`. */
export function mailSinkRoutes(record: MailRecord) {
  return async (app: FastifyInstance): Promise<void> => {
    const pageOf = (asked: z.infer<typeof query>) => {
      const found = record.find(filterOf(asked));
      const upTo = found.filter((mail) => asked.before === undefined || mail.id < asked.before);
      return { total: found.length, mails: upTo.slice(-asked.limit).reverse() };
    };

    app.get('/mails', async (request) => pageOf(query.parse(request.query)));
    app.get('/counts', async (request) => record.counts(filterOf(query.parse(request.query))));

    app.get('/mails/:id', async (request, reply) => {
      const { id } = params.parse(request.params);
      const mail = record.get(id);
      if (!mail) return reply.code(404).send({ error: 'no such mail' });
      const raw = record.raw(id);
      return { ...mail, ...(raw ? await readMail(raw) : {}) };
    });
    app.get('/mails/:id/raw', async (request, reply) => {
      const raw = record.raw(params.parse(request.params).id);
      if (!raw) return reply.code(404).send({ error: 'no such mail, or not kept whole' });
      return reply.type('text/plain; charset=utf-8').send(raw);
    });
    app.get('/mails/:id/html', async (request, reply) => {
      const raw = record.raw(params.parse(request.params).id);
      if (!raw) return reply.code(404).send({ error: 'no such mail, or not kept whole' });
      const { html } = await readMail(raw);
      return reply
        .type('text/html; charset=utf-8')
        .header(
          'content-security-policy',
          "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline' https:; font-src https: data:; sandbox allow-popups",
        )
        .send(withoutPixel(html));
    });

    app.get('/', async (request, reply) => {
      const asked = query.parse(request.query);
      return reply
        .type('text/html; charset=utf-8')
        .send(mailsPage(pageOf(asked), record.counts(filterOf(asked)), asked));
    });
    app.get('/m/:id', async (request, reply) => {
      const { id } = params.parse(request.params);
      const mail = record.get(id);
      if (!mail) return reply.code(404).type('text/plain').send('There is no such mail.');
      const raw = record.raw(id);
      return reply.type('text/html; charset=utf-8').send(mailPage(mail, raw ? await readMail(raw) : null));
    });
  };
}

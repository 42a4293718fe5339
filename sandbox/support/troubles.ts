import type { FastifyReply } from 'fastify';

/** What a stand-in does instead of answering as it should. */
export type Trouble =
  /** Refuses with this, taking nothing. */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: unknown;
    }
  /** Takes the message, and the line breaks before the answer. */
  | { readonly kind: 'lose-answer' }
  /** Takes the message and never answers. */
  | { readonly kind: 'never-answer' };

/** Troubles asked for, each met once, in order. */
export function createTroubles() {
  const queue: Trouble[] = [];
  return {
    next: (...troubles: readonly Trouble[]): void => void queue.push(...troubles),

    /** Does the work and answers it, unless there is trouble. */
    async answer(reply: FastifyReply, work: () => { status: number; body: unknown }): Promise<unknown> {
      const trouble = queue.shift();
      if (trouble?.kind === 'refuse') {
        return reply
          .code(trouble.status)
          .headers({ ...trouble.headers })
          .send(trouble.body ?? '');
      }
      const { status, body } = work();
      if (trouble === undefined) return reply.code(status).send(body);
      reply.hijack();
      if (trouble.kind === 'lose-answer') reply.raw.destroy();
      return undefined;
    },
  };
}

export type Troubles = ReturnType<typeof createTroubles>;

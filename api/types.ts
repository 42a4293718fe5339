import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Role } from '../domain/shared/words';
import type { ErrorCode } from '../domain/shared/error-catalogue';

/** The application as routes see it: bodies, queries and answers are typed by their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Who calls. Roles are spelt out: admin has all, editor and approver are viewers too. */
export interface Principal {
  readonly name: string;
  readonly keyId: string;
  readonly roles: ReadonlySet<Role>;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body may be gzipped: the route looks at its bytes. */
    gzip?: boolean;
    /** The elements of a list, or the cells of a text, are looked at by the route: it tells which cannot be stored. */
    eachByItself?: boolean;
    /** Any of these may call. Every route under /v1 declares them, or the application does not start. */
    roles?: readonly Role[];
    /** The code of the refusal where the roles do not allow it; left out: `forbidden`. */
    refusal?: ErrorCode;
    /** Computes and changes nothing: authorised, not audited. */
    computation?: boolean;
    /** The route calls the idempotency store itself, because its body is a stream. */
    ownIdempotency?: boolean;
    /** The answer holds a secret: kept for an Idempotency-Key only sealed with the caller's own API key. */
    secretAnswer?: boolean;
  }
  interface FastifyRequest {
    /** Set under /v1 once the key is known. */
    principal: Principal | null;
    /** What a mutating call acted on, where the path does not say it. */
    auditTarget: string | null;
    /** The bytes of a JSON body, for its hash. */
    rawBody: Buffer | null;
    idempotency: { readonly key: string; readonly hash: Buffer } | null;
    replayed: boolean;
  }
}

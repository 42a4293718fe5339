import { BoucleError } from '../../domain/shared/errors';

export interface SmtpTarget {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (smtps://). */
  readonly secure: boolean;
  /** `?tls=require` refuses a relay without STARTTLS, `?tls=off` never asks for it; else it is used where offered. */
  readonly tls: 'where-offered' | 'require' | 'off';
  readonly auth: { readonly user: string; readonly pass: string } | null;
}

/** Reads `smtp://user:password@host:port?tls=require|off`. The address is never repeated in an error: it has a password. */
export function readSmtpUrl(url: string): SmtpTarget {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new BoucleError('configuration-invalid', 'SMTP_URL: not an smtp:// or smtps:// address');
  }
  const secure = parsed.protocol === 'smtps:';
  const wish = parsed.searchParams.get('tls');
  if (wish !== null && wish !== 'require' && wish !== 'off') {
    throw new BoucleError('configuration-invalid', 'SMTP_URL: tls is `require` or `off`');
  }
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (secure ? 465 : 587) : Number(parsed.port),
    secure,
    tls: wish ?? 'where-offered',
    auth:
      parsed.username === ''
        ? null
        : { user: decodeURIComponent(parsed.username), pass: decodeURIComponent(parsed.password) },
  };
}

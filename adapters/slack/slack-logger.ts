import { LogLevel, type Logger } from '@slack/web-api';

/** What the adapters of this folder need of a logger; pino's fits. */
export interface SlackLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/**
 * Slack's client logs request bodies at debug level: subjects, names of approvers. Only its warnings pass, and only
 * as the fact that there was one; refusals come back as errors anyway.
 */
export function quietSlackLogger(log: SlackLog): Logger {
  const silent = (): void => undefined;
  const warn = (): void => log.warn({}, 'slack client warning');
  return {
    debug: silent,
    info: silent,
    warn,
    error: warn,
    setLevel: silent,
    getLevel: () => LogLevel.WARN,
    setName: silent,
  };
}

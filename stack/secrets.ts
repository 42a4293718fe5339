import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEnv, type Env } from '../config/env';

export interface StackSecrets {
  readonly pepper: string;
  readonly linkSecret: string;
  /** API key with every role, bcl_<id>_<secret>. */
  readonly adminKey: string;
  readonly slackSigningSecret: string;
}

export const secretsFile = (dataDir: string): string => join(dataDir, 'secrets.json');

const random = (bytes: number): string => randomBytes(bytes).toString('hex');

/**
 * The secrets of this data folder, made on first use and readable by its owner alone. They stay: another pepper would
 * make every fingerprint in the database worthless. What the environment gives goes before.
 */
export function stackSecrets(env: Env): StackSecrets {
  const file = secretsFile(env.BOUCLE_DATA_DIR);
  if (!existsSync(file)) {
    const made: StackSecrets = {
      pepper: random(32),
      linkSecret: random(32),
      adminKey: `bcl_admin_${random(24)}`,
      slackSigningSecret: random(32),
    };
    mkdirSync(env.BOUCLE_DATA_DIR, { recursive: true });
    writeFileSync(`${file}.half`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.half`, file);
  }
  const kept: StackSecrets = JSON.parse(readFileSync(file, 'utf8'));
  const standard = readEnv({});
  return {
    pepper: env.BOUCLE_PEPPER === standard.BOUCLE_PEPPER ? kept.pepper : env.BOUCLE_PEPPER,
    linkSecret:
      env.BOUCLE_LINK_SECRET === standard.BOUCLE_LINK_SECRET ? kept.linkSecret : env.BOUCLE_LINK_SECRET,
    adminKey: env.BOUCLE_ADMIN_KEY ?? kept.adminKey,
    slackSigningSecret: env.SLACK_SIGNING_SECRET ?? kept.slackSigningSecret,
  };
}

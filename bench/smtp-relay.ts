import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../stack/ports';

/** A domain whose server takes a mail and says no more. */
export const TARPIT = 'tarpit.example.test';

const SMTP_SINK = '/usr/sbin/smtp-sink';

export interface BenchRelay {
  readonly port: number;
  readonly name: string;
  /** Of its certificate, in PEM. */
  readonly ca: string | null;
  close(): Promise<void>;
}

/**
 * Something in a process of its own that takes every mail and keeps none: postfix's smtp-sink where it is installed
 * and neither TLS nor a tarpit is asked for, else a small smtp-server. Whoever is at `TARPIT` gets no answer from it.
 */
export async function startBenchRelay(options: {
  readonly tls: boolean;
  readonly tarpit?: boolean;
}): Promise<BenchRelay> {
  const port = await freePort(0);
  const postfix = !options.tls && options.tarpit !== true && existsSync(SMTP_SINK);
  const folder = options.tls ? certificate() : null;
  const child = postfix ? smtpSink(port) : smtpServer(port, folder);
  if (folder !== null) child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await listening(child, port);
  return {
    port,
    name: postfix ? 'smtp-sink of postfix' : `smtp-server${options.tls ? ' with STARTTLS' : ''}`,
    ca: folder === null ? null : readFileSync(join(folder, 'cert.pem'), 'utf8'),
    close: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const smtpSink = (port: number): ChildProcess =>
  spawn(SMTP_SINK, [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), `127.0.0.1:${port}`, '512'], {
    stdio: 'ignore',
  });

/** As this process was started: from the sources or from what was built. */
const smtpServer = (port: number, folder: string | null): ChildProcess =>
  fork(join(__dirname, `smtp-relay-process${__filename.slice(-3)}`), [String(port), folder ?? '', TARPIT]);

function certificate(): string {
  const folder = mkdtempSync(join(tmpdir(), 'boucle-relay-'));
  const made = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
    '-out',
    join(folder, 'cert.pem'),
  ];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...named, ...made], { stdio: 'ignore' });
  return folder;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(25);
  }
  child.kill('SIGKILL');
  throw new Error('the relay of the bench did not start');
}

import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface SmtpStandIn {
  readonly url: string;
  /** Commands in order, bodies as one line `<body>`, one that was only a dot as `<no body>`. */
  readonly seen: string[];
  /** As they came, without the closing dot. */
  readonly bodies: readonly string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** What the relay says to one line; null: nothing. HANG_UP closes the connection. */
export const HANG_UP = { hangUp: true } as const;
export type Reply = string | null | typeof HANG_UP | { readonly afterMs: number; readonly say: string };

export interface Script {
  /** Of the n-th connection. */
  readonly greeting?: Reply | ((nth: number) => Reply);
  readonly mail?: (nth: number) => Reply;
  /** `line`: the command with the recipient's address; the later ones get the last recipient's. */
  readonly rcpt?: (nth: number, line: string) => Reply;
  readonly data?: (nth: number, line: string) => Reply;
  /** Said at the first byte of the body, before its end; null: nothing, the rest of it is read. */
  readonly midBody?: (nth: number, line: string) => Reply;
  readonly body?: (nth: number, line: string) => Reply;
  /** Extensions of the EHLO reply; left out, none, so that every command waits for its reply. */
  readonly offers?: readonly string[];
}

/** A relay that misbehaves as told, over a bare socket. */
export async function smtpStandIn(script: Script): Promise<SmtpStandIn> {
  const seen: string[] = [];
  const bodies: string[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const counts = { mail: 0, rcpt: 0, data: 0, body: 0 };

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let inBody = false;
    let recipient = '';
    let buffered = '';
    const answer = (reply: Reply): void => {
      if (reply === null) return;
      if (typeof reply === 'string') socket.write(`${reply}\r\n`);
      else if ('hangUp' in reply) socket.destroy();
      else
        setTimeout(() => {
          if (reply.say.startsWith('354')) inBody = true;
          if (socket.writable) socket.write(`${reply.say}\r\n`);
        }, reply.afterMs);
    };
    const { greeting = '220 stand-in ESMTP' } = script;
    answer(typeof greeting === 'function' ? greeting(opened) : greeting);
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      seen.push(line);
      if (verb === 'EHLO') {
        const lines = ['stand-in', ...(script.offers ?? [])];
        answer(lines.map((words, n) => `250${n === lines.length - 1 ? ' ' : '-'}${words}`).join('\r\n'));
      } else if (verb === 'HELO' || verb === 'RSET' || verb === 'NOOP') answer('250 ok');
      else if (verb === 'MAIL') answer(script.mail?.((counts.mail += 1)) ?? (script.mail ? null : '250 ok'));
      else if (verb === 'RCPT') {
        recipient = line;
        answer(script.rcpt?.((counts.rcpt += 1), line) ?? (script.rcpt ? null : '250 ok'));
      } else if (verb === 'DATA') {
        const reply = script.data?.((counts.data += 1), recipient) ?? (script.data ? null : '354 go on');
        if (typeof reply === 'string' && reply.startsWith('354')) inBody = true;
        answer(reply);
      } else if (verb === 'QUIT') {
        socket.end('221 bye\r\n');
      } else answer('500 what?');
    };
    socket.on('data', (chunk) => {
      buffered += chunk.toString('latin1');
      for (;;) {
        if (inBody) {
          if (buffered.startsWith('.\r\n')) {
            buffered = buffered.slice(3);
            inBody = false;
            seen.push('<no body>');
            answer('554 5.5.1 no valid recipients');
            continue;
          }
          const early = script.midBody?.(counts.body + 1, recipient) ?? null;
          if (early !== null) {
            counts.body += 1;
            buffered = '';
            inBody = false;
            seen.push('<part of a body>');
            return answer(early);
          }
          const end = buffered.indexOf('\r\n.\r\n');
          if (end < 0) return;
          bodies.push(buffered.slice(0, end));
          buffered = buffered.slice(end + 5);
          inBody = false;
          seen.push('<body>');
          counts.body += 1;
          answer(
            script.body === undefined
              ? `250 2.0.0 Ok: queued as Q${counts.body}`
              : script.body(counts.body, recipient),
          );
          continue;
        }
        const eol = buffered.indexOf('\r\n');
        if (eol < 0) return;
        const line = buffered.slice(0, eol);
        buffered = buffered.slice(eol + 2);
        command(line);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    seen,
    bodies,
    connections: () => opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

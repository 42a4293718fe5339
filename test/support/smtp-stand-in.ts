import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface SmtpStandIn {
  readonly url: string;
  /** Commands in order, bodies as one line `<body>`. */
  readonly seen: string[];
  readonly connections: () => number;
  close(): Promise<void>;
}

/** What the relay says to one line; null: nothing. HANG_UP closes the connection. */
export const HANG_UP = { hangUp: true } as const;
export type Reply = string | null | typeof HANG_UP | { readonly afterMs: number; readonly say: string };

export interface Script {
  readonly greeting?: Reply;
  readonly mail?: (nth: number) => Reply;
  readonly rcpt?: (nth: number) => Reply;
  readonly data?: (nth: number) => Reply;
  /** Said at the first byte of the body, before its end. */
  readonly midBody?: (nth: number) => Reply;
  readonly body?: (nth: number) => Reply;
}

/** A relay that misbehaves as told, over a bare socket. It offers no extension, so every command waits for its reply. */
export async function smtpStandIn(script: Script): Promise<SmtpStandIn> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let opened = 0;
  const counts = { mail: 0, rcpt: 0, data: 0, body: 0 };

  const server = createServer((socket) => {
    opened += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let inBody = false;
    let buffered = '';
    const answer = (reply: Reply): void => {
      if (reply === null) return;
      if (typeof reply === 'string') socket.write(`${reply}\r\n`);
      else if ('hangUp' in reply) socket.destroy();
      else setTimeout(() => socket.writable && socket.write(`${reply.say}\r\n`), reply.afterMs);
    };
    answer(script.greeting === undefined ? '220 stand-in ESMTP' : script.greeting);
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      seen.push(line);
      if (verb === 'EHLO' || verb === 'HELO' || verb === 'RSET' || verb === 'NOOP') answer('250 ok');
      else if (verb === 'MAIL') answer(script.mail?.((counts.mail += 1)) ?? (script.mail ? null : '250 ok'));
      else if (verb === 'RCPT') answer(script.rcpt?.((counts.rcpt += 1)) ?? (script.rcpt ? null : '250 ok'));
      else if (verb === 'DATA') {
        const reply = script.data?.((counts.data += 1)) ?? (script.data ? null : '354 go on');
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
          if (script.midBody) {
            counts.body += 1;
            buffered = '';
            inBody = false;
            seen.push('<part of a body>');
            return answer(script.midBody(counts.body));
          }
          const end = buffered.indexOf('\r\n.\r\n');
          if (end < 0) return;
          buffered = buffered.slice(end + 5);
          inBody = false;
          seen.push('<body>');
          counts.body += 1;
          answer(
            script.body === undefined ? `250 2.0.0 Ok: queued as Q${counts.body}` : script.body(counts.body),
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
    connections: () => opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

import { connect, type Socket } from 'node:net';

export interface HttpLines {
  /** The status of the answer to a whole request, head and body as they go on the wire. Rejects when the line breaks. */
  ask(request: string): Promise<number>;
  close(): void;
}

interface Asked {
  readonly request: string;
  readonly answered: (status: number) => void;
  readonly broken: (fault: Error) => void;
}

/**
 * Requests over kept connections, one at a time on each, as many connections as are needed up to `most`. It reads no
 * more of an answer than its end takes: a load generator on the same two cores has to cost next to nothing.
 */
export function openHttpLines(port: number, most: number): HttpLines {
  const idle: Socket[] = [];
  const all = new Set<Socket>();
  const waiting: Asked[] = [];
  const underWay = new Map<Socket, Asked>();

  const send = (socket: Socket, asked: Asked): void => {
    underWay.set(socket, asked);
    socket.write(asked.request);
  };

  const answered = (socket: Socket, status: number): void => {
    underWay.get(socket)?.answered(status);
    underWay.delete(socket);
    const next = waiting.shift();
    if (next === undefined) idle.push(socket);
    else send(socket, next);
  };

  const open = (): Socket => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += String(chunk);
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      const status = Number(text.slice(9, 12));
      text = '';
      answered(socket, status);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      all.delete(socket);
      const lying = idle.indexOf(socket);
      if (lying >= 0) idle.splice(lying, 1);
      underWay.get(socket)?.broken(new Error('a connection ended before its answer'));
      underWay.delete(socket);
    });
    all.add(socket);
    return socket;
  };

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const asked = { request, answered: resolve, broken: reject };
        const socket = idle.pop() ?? (all.size < most ? open() : undefined);
        if (socket === undefined) waiting.push(asked);
        else send(socket, asked);
      }),
    close: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

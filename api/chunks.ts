/** Cuts a stream into pieces of exactly `size` bytes, the last one shorter; no more than one piece is held. */
export async function* inChunks(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const part of stream) {
    let rest = part;
    while (heldBytes + rest.length >= size) {
      const room = size - heldBytes;
      yield Buffer.concat([...held, rest.subarray(0, room)], size);
      rest = rest.subarray(room);
      held = [];
      heldBytes = 0;
    }
    if (rest.length > 0) held.push(rest);
    heldBytes += rest.length;
  }
  if (heldBytes > 0) yield Buffer.concat(held, heldBytes);
}

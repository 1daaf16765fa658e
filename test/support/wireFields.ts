/** One field of a protobuf message, found by a walker that shares nothing with the one under test. */
export interface WireField {
  readonly number: number;
  /** Tag, length and payload. */
  readonly whole: Uint8Array;
  readonly payload: Uint8Array;
}

/** The fields of a message, in order. */
export function wireFields(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = varint();
    const wireType = tag % 8;
    const length = { 0: -1, 1: 8, 2: -2, 5: 4 }[wireType]!;
    let from = at;
    if (length === -1) varint();
    else if (length === -2) {
      const size = varint();
      from = at;
      at += size;
    } else at += length;
    fields.push({
      number: Math.floor(tag / 8),
      whole: message.subarray(start, at),
      payload: message.subarray(from, at),
    });
  }
  return fields;
}

/** The payload of the first field of that number. */
export function payloadOf(message: Uint8Array, number: number): Uint8Array {
  return wireFields(message).find((field) => field.number === number)!.payload;
}

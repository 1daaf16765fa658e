/** One extra field: `whole` with its id and length, `content` without. */
export interface ExtraField {
  readonly id: number;
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

/** Splits extra bytes into fields; bytes behind the last whole field are dropped, as zip readers do. */
export function extraFields(extra: Uint8Array): ExtraField[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  const fields: ExtraField[] = [];
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) break;
    fields.push({
      id: view.getUint16(at, true),
      whole: extra.slice(at, end),
      content: extra.slice(at + 4, end),
    });
    at = end;
  }
  return fields;
}

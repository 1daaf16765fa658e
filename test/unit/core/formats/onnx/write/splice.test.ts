import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../../../../../src/core/bytes/byteSource';
import {
  asMessage,
  fieldsOf,
  rootMessage,
  type MessageSpan,
} from '../../../../../../src/core/formats/onnx/wire/fields';
import { WireReader } from '../../../../../../src/core/formats/onnx/wire/wireReader';
import { bytesPiece, textField } from '../../../../../../src/core/formats/onnx/write/protoPieces';
import { splice, type Edit } from '../../../../../../src/core/formats/onnx/write/splice';
import { executePlan } from '../../../../../support/executePlan';
import { int, join, sub, text } from '../../../../../support/onnxBytes';

const file = join(int(1, 5), sub(2, text(1, 'a'), sub(3, text(1, 'deep'), int(2, 7))), int(4, 9));

/** The root, the message in it, and the one in that. */
function spans(bytes: Uint8Array): [MessageSpan, MessageSpan, MessageSpan] {
  const reader = new WireReader(new MemorySource(bytes));
  const root = rootMessage(bytes.length);
  const outer = asMessage([...fieldsOf(reader, root)][1]!, root);
  const inner = asMessage([...fieldsOf(reader, outer)][1]!, outer);
  return [root, outer, inner];
}

function spliced(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  const pieces = splice(spans(bytes)[0], edits);
  const plan = { files: [{ name: 'f', pieces, checksums: [] }] };
  return executePlan(plan, [new MemorySource(bytes)]).get('f')!;
}

const [root, outer, inner] = spans(file);
const all = (message: MessageSpan): { within: MessageSpan; start: number; end: number } => ({
  within: message.parent!,
  start: message.start,
  end: message.end,
});

describe('a splice', () => {
  test('without edits is one copy', () => {
    assert.deepEqual(splice(root, []), [
      { kind: 'copy', source: 0, offset: 0, length: file.length },
    ]);
  });

  test('makes the length prefixes around an edit anew', () => {
    const long = 'x'.repeat(200);
    const edit = {
      within: inner,
      start: inner.from,
      end: inner.from + 6,
      pieces: textField(1, long),
    };
    const expected = join(
      int(1, 5),
      sub(2, text(1, 'a'), sub(3, text(1, long), int(2, 7))),
      int(4, 9),
    );
    assert.deepEqual(spliced(file, [edit]), expected);
  });

  test('keeps a length prefix that is written wastefully where the length stays', () => {
    const wasteful = join([0x12, 0x85, 0x80, 0x00], text(1, 'abc'));
    const reader = new WireReader(new MemorySource(wasteful));
    const whole = rootMessage(wasteful.length);
    const message = asMessage([...fieldsOf(reader, whole)][0]!, whole);
    const edit = {
      within: message,
      start: message.from + 2,
      end: message.end,
      pieces: [bytesPiece(new TextEncoder().encode('xyz'))],
    };
    const pieces = splice(whole, [edit]);
    assert.deepEqual(pieces[0], { kind: 'copy', source: 0, offset: 0, length: 6 });
  });

  test('puts insertions in front of what stands there, in their order', () => {
    const insertion = (name: string): Edit => ({
      within: outer,
      start: inner.start,
      end: inner.start,
      pieces: textField(1, name),
    });
    assert.deepEqual(
      spliced(file, [insertion('b'), insertion('c')]),
      join(
        int(1, 5),
        sub(2, text(1, 'a'), text(1, 'b'), text(1, 'c'), sub(3, text(1, 'deep'), int(2, 7))),
        int(4, 9),
      ),
    );
  });

  test('drops edits inside what another edit removes, in either order', () => {
    const removal: Edit = { ...all(inner), pieces: [] };
    const inside: Edit = { within: inner, start: inner.from, end: inner.from + 6, pieces: [] };
    const expected = join(int(1, 5), sub(2, text(1, 'a')), int(4, 9));
    assert.deepEqual(spliced(file, [removal, inside]), expected);
    assert.deepEqual(spliced(file, [inside, removal]), expected);
  });

  test('removes the same thing once when asked twice', () => {
    const removal: Edit = { ...all(inner), pieces: [] };
    assert.deepEqual(
      spliced(file, [removal, removal]),
      join(int(1, 5), sub(2, text(1, 'a')), int(4, 9)),
    );
  });
});

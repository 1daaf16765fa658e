import { Reader, Root, type Type } from 'protobufjs/light.js';
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError } from '../../errors';
import { fieldNumbers as of } from './fieldNumbers';

/** What is read of the messages that must be understood. Fields not named here are skipped. */
const root = Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { type: 'int64', id: of.model.irVersion },
        producerName: { type: 'string', id: of.model.producerName },
        producerVersion: { type: 'string', id: of.model.producerVersion },
        opsetImport: { type: 'OperatorSet', rule: 'repeated', id: of.model.opsetImport },
      },
    },
    OperatorSet: {
      fields: {
        domain: { type: 'string', id: of.operatorSet.domain },
        version: { type: 'int64', id: of.operatorSet.version },
      },
    },
    Function: {
      fields: {
        name: { type: 'string', id: of.function.name },
        input: { type: 'string', rule: 'repeated', id: of.function.input },
        output: { type: 'string', rule: 'repeated', id: of.function.output },
        opsetImport: { type: 'OperatorSet', rule: 'repeated', id: of.function.opsetImport },
        domain: { type: 'string', id: of.function.domain },
        overload: { type: 'string', id: of.function.overload },
      },
    },
    Node: {
      fields: {
        input: { type: 'string', rule: 'repeated', id: of.node.input },
        output: { type: 'string', rule: 'repeated', id: of.node.output },
        name: { type: 'string', id: of.node.name },
        opType: { type: 'string', id: of.node.opType },
        domain: { type: 'string', id: of.node.domain },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: of.attribute.name },
        f: { type: 'float', id: of.attribute.f },
        i: { type: 'int64', id: of.attribute.i },
        s: { type: 'bytes', id: of.attribute.s },
        floats: { type: 'float', rule: 'repeated', id: of.attribute.floats },
        ints: { type: 'int64', rule: 'repeated', id: of.attribute.ints },
        strings: { type: 'bytes', rule: 'repeated', id: of.attribute.strings },
        type: { type: 'int32', id: of.attribute.type },
        refAttrName: { type: 'string', id: of.attribute.refAttrName },
      },
    },
    Tensor: {
      fields: {
        dims: { type: 'int64', rule: 'repeated', id: of.tensor.dims },
        dataType: { type: 'int32', id: of.tensor.dataType },
        name: { type: 'string', id: of.tensor.name },
        externalData: { type: 'Entry', rule: 'repeated', id: of.tensor.externalData },
        dataLocation: { type: 'int32', id: of.tensor.dataLocation },
      },
    },
    Entry: {
      fields: {
        key: { type: 'string', id: of.entry.key },
        value: { type: 'string', id: of.entry.value },
      },
    },
    Value: {
      fields: {
        name: { type: 'string', id: of.value.name },
        type: { type: 'ValueType', id: of.value.type },
      },
    },
    ValueType: { fields: { tensorType: { type: 'TensorType', id: of.valueType.tensorType } } },
    TensorType: {
      fields: {
        elemType: { type: 'int32', id: of.tensorType.elemType },
        shape: { type: 'Shape', id: of.tensorType.shape },
      },
    },
    Shape: { fields: { dim: { type: 'Dimension', rule: 'repeated', id: of.shape.dim } } },
    Dimension: {
      fields: {
        dimValue: { type: 'int64', id: of.dimension.dimValue },
        dimParam: { type: 'string', id: of.dimension.dimParam },
      },
    },
    Annotation: {
      fields: {
        tensorName: { type: 'string', id: of.annotation.tensorName },
        parameters: { type: 'Entry', rule: 'repeated', id: of.annotation.parameters },
      },
    },
  },
});

interface OperatorSet {
  readonly domain?: string;
  readonly version?: number;
}

/** The messages as decoded: repeated fields are always there, others when the file has them. */
export interface Decoded {
  readonly Model: {
    readonly irVersion?: number;
    readonly producerName?: string;
    readonly producerVersion?: string;
    readonly opsetImport: readonly OperatorSet[];
  };
  readonly Function: {
    readonly name?: string;
    readonly domain?: string;
    readonly overload?: string;
    readonly input: readonly string[];
    readonly output: readonly string[];
    readonly opsetImport: readonly OperatorSet[];
  };
  readonly Node: {
    readonly input: readonly string[];
    readonly output: readonly string[];
    readonly name?: string;
    readonly opType?: string;
    readonly domain?: string;
  };
  readonly Attribute: {
    readonly name?: string;
    readonly refAttrName?: string;
    readonly type?: number;
    readonly f?: number;
    readonly i?: number;
    readonly s?: Uint8Array;
    readonly floats: readonly number[];
    readonly ints: readonly number[];
    readonly strings: readonly Uint8Array[];
  };
  readonly Tensor: {
    readonly dims: readonly number[];
    readonly dataType?: number;
    readonly name?: string;
    readonly externalData: readonly { readonly key?: string; readonly value?: string }[];
    readonly dataLocation?: number;
  };
  readonly Entry: { readonly key?: string; readonly value?: string };
  readonly Value: {
    readonly name?: string;
    readonly type?: {
      readonly tensorType?: {
        readonly elemType?: number;
        readonly shape?: { readonly dim: readonly Dimension[] };
      };
    };
  };
  readonly Annotation: {
    readonly tensorName?: string;
    readonly parameters: readonly { readonly key?: string; readonly value?: string }[];
  };
}

interface Dimension {
  readonly dimValue?: number;
  readonly dimParam?: string;
}

export type MessageName = keyof Decoded;

/**
 * Reads strings in one piece. Protobufjs adds them up character by character, and such strings weigh ten times as
 * much, for as long as they live.
 */
class NameReader extends Reader {
  override stringVerify(): string {
    const bytes = this.bytes();
    const text = decodeUtf8(bytes);
    // Names that differ must not become equal by way of replacement characters.
    if (text.includes('\uFFFD') && encodeUtf8(text).some((byte, idx) => byte !== bytes[idx])) {
      throw new ModelFormatError('a name is no UTF-8 text');
    }
    return text;
  }
}

const types = new Map<MessageName, Type>();

/**
 * Decodes one message. 64-bit numbers become JavaScript numbers; beyond 2^53 they are inexact, and callers refuse them.
 * @throws ModelFormatError when the bytes are no such message; `at` is where they stand in the file.
 */
export function decodeMessage<Name extends MessageName>(
  name: Name,
  bytes: Uint8Array,
  at: number,
): Decoded[Name] {
  const type = types.get(name) ?? root.lookupType(name);
  types.set(name, type);
  try {
    const plain = type.toObject(type.decode(new NameReader(bytes)), {
      longs: Number,
      arrays: true,
    });
    return plain as Decoded[Name];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelFormatError(`the ONNX file is damaged: a ${name} cannot be read (${why})`, at, {
      cause: error,
    });
  }
}

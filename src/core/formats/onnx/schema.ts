import { Reader, Root, type Type } from 'protobufjs/light.js';
import { decodeUtf8, encodeUtf8 } from '../../bytes/utf8';
import { ModelFormatError } from '../../errors';

/**
 * Field numbers of onnx.proto: of the messages that are walked on the wire because they may hold weights or must be
 * spliced. A walk touches no payload.
 */
export const fieldNumbers = {
  model: {
    irVersion: 1,
    producerName: 2,
    producerVersion: 3,
    graph: 7,
    opsetImport: 8,
    trainingInfo: 20,
    functions: 25,
  },
  training: { initialization: 1, algorithm: 2, initializationBinding: 3, updateBinding: 4 },
  graph: {
    node: 1,
    initializer: 5,
    input: 11,
    output: 12,
    valueInfo: 13,
    quantizationAnnotation: 14,
    sparseInitializer: 15,
  },
  function: {
    name: 1,
    input: 4,
    output: 5,
    node: 7,
    opsetImport: 9,
    domain: 10,
    valueInfo: 12,
    overload: 13,
  },
  node: { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7, overload: 8 },
  attribute: {
    name: 1,
    f: 2,
    i: 3,
    s: 4,
    t: 5,
    g: 6,
    floats: 7,
    ints: 8,
    strings: 9,
    tensors: 10,
    graphs: 11,
    type: 20,
    refAttrName: 21,
    sparseTensor: 22,
    sparseTensors: 23,
  },
  tensor: {
    dims: 1,
    dataType: 2,
    floatData: 4,
    int32Data: 5,
    stringData: 6,
    int64Data: 7,
    name: 8,
    rawData: 9,
    doubleData: 10,
    uint64Data: 11,
    externalData: 13,
    dataLocation: 14,
  },
  sparseTensor: { values: 1, indices: 2 },
  entry: { key: 1, value: 2 },
  value: { name: 1, type: 2 },
  valueType: { tensorType: 1 },
  tensorType: { elemType: 1, shape: 2 },
  shape: { dim: 1 },
  dimension: { dimValue: 1, dimParam: 2 },
} as const;

/** What is read of the messages that must be understood. Fields not named here are skipped. */
const root = Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: { type: 'int64', id: 1 },
        producerName: { type: 'string', id: 2 },
        producerVersion: { type: 'string', id: 3 },
        opsetImport: { type: 'OperatorSet', rule: 'repeated', id: 8 },
      },
    },
    OperatorSet: {
      fields: { domain: { type: 'string', id: 1 }, version: { type: 'int64', id: 2 } },
    },
    Function: {
      fields: {
        name: { type: 'string', id: 1 },
        input: { type: 'string', rule: 'repeated', id: 4 },
        output: { type: 'string', rule: 'repeated', id: 5 },
        opsetImport: { type: 'OperatorSet', rule: 'repeated', id: 9 },
        domain: { type: 'string', id: 10 },
        overload: { type: 'string', id: 13 },
      },
    },
    Node: {
      fields: {
        input: { type: 'string', rule: 'repeated', id: 1 },
        output: { type: 'string', rule: 'repeated', id: 2 },
        name: { type: 'string', id: 3 },
        opType: { type: 'string', id: 4 },
        domain: { type: 'string', id: 7 },
      },
    },
    Attribute: {
      fields: {
        name: { type: 'string', id: 1 },
        f: { type: 'float', id: 2 },
        i: { type: 'int64', id: 3 },
        s: { type: 'bytes', id: 4 },
        floats: { type: 'float', rule: 'repeated', id: 7 },
        ints: { type: 'int64', rule: 'repeated', id: 8 },
        strings: { type: 'bytes', rule: 'repeated', id: 9 },
        type: { type: 'int32', id: 20 },
        refAttrName: { type: 'string', id: 21 },
      },
    },
    Tensor: {
      fields: {
        dims: { type: 'int64', rule: 'repeated', id: 1 },
        dataType: { type: 'int32', id: 2 },
        name: { type: 'string', id: 8 },
        externalData: { type: 'Entry', rule: 'repeated', id: 13 },
        dataLocation: { type: 'int32', id: 14 },
      },
    },
    Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Value: { fields: { name: { type: 'string', id: 1 }, type: { type: 'ValueType', id: 2 } } },
    ValueType: { fields: { tensorType: { type: 'TensorType', id: 1 } } },
    TensorType: {
      fields: { elemType: { type: 'int32', id: 1 }, shape: { type: 'Shape', id: 2 } },
    },
    Shape: { fields: { dim: { type: 'Dimension', rule: 'repeated', id: 1 } } },
    Dimension: {
      fields: { dimValue: { type: 'int64', id: 1 }, dimParam: { type: 'string', id: 2 } },
    },
    Annotation: {
      fields: {
        tensorName: { type: 'string', id: 1 },
        parameters: { type: 'Entry', rule: 'repeated', id: 2 },
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

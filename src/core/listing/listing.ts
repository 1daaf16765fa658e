/** The text view of a model's structure, in the language of the model's own world. */
export interface Listing {
  readonly language: 'onnx-text' | 'torch-module';
  readonly text: string;
  /** Places of layers in the text, in line order. */
  readonly places: readonly LayerPlace[];
}

/** Where one layer or block stands in a listing. Lines and columns count from 0; `endLine` is inclusive. */
export interface LayerPlace {
  /** Layer name as in pairs (`conv.name`, `bn.name`), or the path of a block. */
  readonly name: string;
  /** What the outline shows beside the name: operator or class. */
  readonly type: string;
  readonly line: number;
  readonly column: number;
  /** Columns of the name itself, for selection and hover. */
  readonly length: number;
  readonly endLine: number;
  /** Name of the enclosing block, or null at the top. */
  readonly parent: string | null;
}

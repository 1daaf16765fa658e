/** The file is damaged, hostile or not what its name says. The message is one plain sentence for the user. */
export class ModelFormatError extends Error {
  override readonly name = 'ModelFormatError';
  readonly code: string = 'MODEL_FORMAT';

  /** `offset` is the byte in the file where the trouble is, when one is known; it is added to the message. */
  constructor(message: string, offset?: number, options?: ErrorOptions) {
    super(offset === undefined ? message : `${message} (at byte ${offset})`, options);
  }
}

/** The file is sound, but holds something this product does not process. */
export class UnsupportedModelError extends ModelFormatError {
  override readonly code: string = 'MODEL_UNSUPPORTED';
}

/** The file refers to a place outside its own folder, which no honest model does. */
export class OutsideFolderError extends ModelFormatError {
  override readonly code: string = 'OUTSIDE_FOLDER';
}

/** The caller asked for something that does not fit this model: an unknown id, a bad option. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The user cancelled. Never shown as an error. */
export class CancellationError extends Error {
  override readonly name = 'CancellationError';

  constructor() {
    super('Cancelled');
  }
}

/** A run that cannot be: wrong inputs, a network the runtime refuses. The message is one plain sentence. */
export class RuntimeFailure extends Error {
  override readonly name = 'RuntimeFailure';

  constructor(
    readonly code: 'INPUT_INVALID' | 'NETWORK_REFUSED' | 'NETWORK_FAILED',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

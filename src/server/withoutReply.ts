/** Sends something nobody waits for. It fails only when the editor is gone, and then there is nobody to tell. */
export function withoutReply(sending: Promise<unknown>): void {
  sending.catch(() => undefined);
}

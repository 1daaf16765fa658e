/** What VS Code gives a webview's script, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The page's only way out: messages to and from the host, and a state that survives hiding and reloading. */
export interface HostChannel<ToPage, FromPage> {
  send(message: FromPage): void;
  /** Hears of every message of the host. The host is our own, so its messages are taken as they are typed. */
  onMessage(listener: (message: ToPage) => void): void;
  /** The state kept last, unchecked: another version of the page may have written it. */
  readonly keptState: unknown;
  keepState(state: unknown): void;
}

/** Opens the channel; VS Code allows it once a page. */
export function openHostChannel<ToPage, FromPage>(): HostChannel<ToPage, FromPage> {
  const api = acquireVsCodeApi();
  return {
    send: (message) => {
      api.postMessage(message);
    },
    onMessage: (listener) => {
      window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
        listener(data);
      });
    },
    get keptState() {
      return api.getState();
    },
    keepState: (state) => {
      api.setState(state);
    },
  };
}

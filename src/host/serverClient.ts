import * as vscode from 'vscode';
import type {
  LanguageClient,
  NotificationHandler,
  NotificationType,
  ProgressType,
  RequestParam,
  RequestType,
} from 'vscode-languageclient/node';

/** The language client's registrations are not instances of VS Code's class. */
interface Disposes {
  dispose(): void;
}

/**
 * The way to our language server. The language client behind it is loaded after the extension's activation, because
 * reading its code takes longer than everything else; requests wait for it, notifications are sent once it runs.
 */
export class ServerClient implements vscode.Disposable {
  private readonly client: Promise<LanguageClient>;
  private readonly startedEmitter = new vscode.EventEmitter<void>();
  private readonly disposables: Disposes[] = [this.startedEmitter];
  private running: LanguageClient | null = null;

  /** Fires whenever the server runs, anew after a crash too: it then knows of no model. */
  readonly onDidStart = this.startedEmitter.event;

  /** `load` makes a client that is not started yet; `onFailure` hears when the server cannot be started. */
  constructor(load: () => Promise<LanguageClient>, onFailure: (error: unknown) => void) {
    this.client = afterActivation().then(load);
    this.start().catch(onFailure);
  }

  async sendRequest<P, R, E>(
    type: RequestType<P, R, E>,
    params: NoInfer<RequestParam<P>>,
    token?: vscode.CancellationToken,
  ): Promise<R> {
    return (await this.client).sendRequest(type, params, token);
  }

  /** Sends nothing when no server runs: one that starts is told everything anew. */
  sendNotification<P>(type: NotificationType<P>, params: NoInfer<RequestParam<P>>): void {
    void this.running?.sendNotification(type, params);
  }

  onNotification<P>(type: NotificationType<P>, handler: NotificationHandler<P>): vscode.Disposable {
    return this.later((client) => client.onNotification(type, handler));
  }

  onProgress<P>(
    type: ProgressType<P>,
    token: string,
    handler: NotificationHandler<P>,
  ): vscode.Disposable {
    return this.later((client) => client.onProgress(type, token, handler));
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
    void this.client.then((client) => client.dispose());
  }

  private async start(): Promise<void> {
    const client = await this.client;
    this.disposables.push(
      client.onDidChangeState(() => {
        this.running = client.isRunning() ? client : null;
        if (this.running !== null) this.startedEmitter.fire();
      }),
    );
    await client.start();
  }

  /** Registers something on the client as soon as there is one. */
  private later(register: (client: LanguageClient) => Disposes): vscode.Disposable {
    let isDisposed = false;
    let registration: Disposes | null = null;
    void this.client.then((client) => {
      if (!isDisposed) registration = register(client);
    });
    return new vscode.Disposable(() => {
      isDisposed = true;
      registration?.dispose();
    });
  }
}

function afterActivation(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

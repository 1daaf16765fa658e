import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import {
  choosePairsNotification,
  closeModelNotification,
  modelChangedNotification,
  modelStateNotification,
  openModelNotification,
  statisticsProgressNotification,
  type ModelState,
} from '../protocol/lsp';
import { PairSelection } from './pairSelection';
import type { ServerClient } from './serverClient';

/** A model that the user works with. */
export interface OpenModel {
  readonly path: string;
  readonly name: string;
  readonly state: ModelState;
  /** Which pairs the user wants folded. */
  readonly selection: PairSelection;
}

/** How far the statistical test of a model is; `total` 0 means unknown. */
export interface TestStep {
  readonly path: string;
  readonly done: number;
  readonly total: number;
}

const STORAGE_KEY = 'fusebn.openModels';
/** Copying tools write a file in many steps; only the last of them matters. */
const CHANGE_PAUSE_MS = 300;

/** The models the view shows, in the order they were opened. What is known of them comes from the server. */
export class OpenModels implements vscode.Disposable {
  private readonly models = new Map<string, OpenModel>();
  private readonly watchers = new Map<string, vscode.Disposable>();
  /** How many look at a model for the moment, by path. */
  private readonly visitors = new Map<string, number>();
  /** Models that are there for their visitors only: they go with the last one, and no later session knows them. */
  private readonly guests = new Set<string>();
  private readonly changed = new vscode.EventEmitter<OpenModel>();
  private readonly listChanged = new vscode.EventEmitter<void>();
  private readonly tested = new vscode.EventEmitter<TestStep>();
  private readonly subscriptions: vscode.Disposable;

  /** Fires when a model's state or selection is another one. */
  readonly onDidChange = this.changed.event;
  /** Fires when a model is opened or closed. */
  readonly onDidChangeList = this.listChanged.event;
  /** Fires when the statistical test of a model went on. */
  readonly onDidTest = this.tested.event;

  constructor(
    private readonly client: ServerClient,
    private readonly storage: vscode.Memento,
  ) {
    this.subscriptions = vscode.Disposable.from(
      client.onNotification(modelStateNotification, ({ path, state }) => {
        this.update(path, state);
      }),
      client.onNotification(statisticsProgressNotification, (step) => {
        this.tested.fire(step);
      }),
      // A server that was started again knows of no model.
      client.onDidStart(() => {
        this.tellAll();
      }),
    );
    for (const path of storage.get<string[]>(STORAGE_KEY, [])) this.add(path);
  }

  get all(): readonly OpenModel[] {
    return [...this.models.values()];
  }

  get(path: string): OpenModel | undefined {
    return this.models.get(path);
  }

  /** Opens a model, or finds it open. Its state arrives later. */
  open(path: string): OpenModel {
    const known = this.models.get(path);
    if (known !== undefined) {
      if (this.guests.delete(path)) this.store();
      return known;
    }
    const model = this.add(path);
    this.client.sendNotification(openModelNotification, { path });
    this.store();
    return model;
  }

  /** Opens a model for as long as somebody looks at it; one that is opened by `open` as well stays. */
  visit(path: string): vscode.Disposable {
    this.visitors.set(path, (this.visitors.get(path) ?? 0) + 1);
    if (!this.models.has(path)) {
      this.guests.add(path);
      this.open(path);
    }
    let isOver = false;
    return new vscode.Disposable(() => {
      if (isOver) return;
      isOver = true;
      const left = (this.visitors.get(path) ?? 1) - 1;
      this.visitors.set(path, left);
      if (left === 0 && this.guests.has(path)) this.close(path);
    });
  }

  close(path: string): void {
    if (!this.models.delete(path)) return;
    this.guests.delete(path);
    this.watchers.get(path)?.dispose();
    this.watchers.delete(path);
    this.client.sendNotification(closeModelNotification, { path });
    this.store();
  }

  /** Reads a model again. */
  refresh(path: string): void {
    this.client.sendNotification(modelChangedNotification, { path });
  }

  /** Takes pairs into the next fuse, or leaves them out. */
  choose(path: string, ids: readonly string[], isChosen: boolean): void {
    const model = this.models.get(path);
    if (model === undefined) return;
    this.set({ ...model, selection: model.selection.with(ids, isChosen) });
  }

  /** Waits until a model has been read. @throws Error with the reader's sentence when it cannot be. */
  async ready(path: string): Promise<Extract<ModelState, { kind: 'ready' }>> {
    const { state } = this.open(path);
    if (state.kind === 'ready') return state;
    return new Promise((resolve, reject) => {
      const subscription = this.onDidChange((model) => {
        if (model.path !== path || model.state.kind === 'reading') return;
        subscription.dispose();
        if (model.state.kind === 'ready') resolve(model.state);
        else reject(new Error(model.state.message));
      });
      if (state.kind === 'failed') this.refresh(path);
    });
  }

  dispose(): void {
    for (const watcher of this.watchers.values()) watcher.dispose();
    this.subscriptions.dispose();
    this.changed.dispose();
    this.listChanged.dispose();
    this.tested.dispose();
  }

  private add(path: string): OpenModel {
    const model: OpenModel = {
      path,
      name: basename(path),
      state: { kind: 'reading' },
      selection: PairSelection.none,
    };
    this.models.set(path, model);
    this.watchers.set(path, this.watch(path));
    return model;
  }

  private update(path: string, state: ModelState): void {
    const model = this.models.get(path);
    if (model !== undefined) this.set({ ...model, state });
  }

  private set(model: OpenModel): void {
    this.models.set(model.path, model);
    const { path, state, selection } = model;
    if (state.kind === 'ready') {
      // Before anybody hears of the change and asks for the listing after fusing.
      this.client.sendNotification(choosePairsNotification, {
        path,
        only: selection.chosenIds(state.report),
      });
    }
    this.changed.fire(model);
  }

  private tellAll(): void {
    for (const path of this.models.keys()) {
      this.client.sendNotification(openModelNotification, { path });
    }
  }

  private store(): void {
    const paths = [...this.models.keys()].filter((path) => !this.guests.has(path));
    void this.storage.update(STORAGE_KEY, paths);
    this.listChanged.fire();
  }

  private watch(path: string): vscode.Disposable {
    // The folder is watched, because a file name may hold characters that mean something in a pattern.
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    let timer: NodeJS.Timeout | undefined;
    const onEvent = (uri: vscode.Uri): void => {
      if (uri.fsPath !== path) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        this.refresh(path);
      }, CHANGE_PAUSE_MS);
    };
    const events = [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete];
    return vscode.Disposable.from(watcher, ...events.map((event) => event(onEvent)), {
      dispose: () => {
        clearTimeout(timer);
      },
    });
  }
}

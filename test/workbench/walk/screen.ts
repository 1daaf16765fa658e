import type { Locator, Page } from 'playwright-core';

/** Longer than VS Code waits before it shows a hover. */
const HOVER_PATIENCE_MS = 2_000;
const STORE_PAUSE_MS = 100;

/** What a person sees and clicks in VS Code. Every method waits for a state of the screen, never for a time. */
export class Screen {
  constructor(readonly page: Page) {}

  /** Waits until the workbench has our contributions; menus opened before would lack them for good. */
  async ready(): Promise<void> {
    await this.explorerRows.first().waitFor();
    await this.activity('FuseBN').waitFor();
  }

  /** An icon of the activity bar. */
  activity(title: string): Locator {
    return this.page.locator(`.activitybar .action-label[aria-label^="${title}"]`).first();
  }

  get explorerRows(): Locator {
    return this.page.locator('.explorer-viewlet .monaco-list-row');
  }

  explorerRow(name: string): Locator {
    return this.page.locator(`.explorer-viewlet .monaco-list-row[aria-label^="${name}"]`);
  }

  /** Rows of our view. */
  get treeRows(): Locator {
    return this.page.locator(
      '.sidebar .pane-body .monaco-list-row:has(.custom-view-tree-node-item)',
    );
  }

  /** The line above the rows of our view. */
  get viewMessage(): Locator {
    return this.page.locator('.sidebar .pane-body .tree-explorer-viewlet-tree-view > .message');
  }

  treeRow(label: string): Locator {
    return this.treeRows.filter({ has: this.treeLabel(label) });
  }

  selectedTreeRow(label: string): Locator {
    const row = this.page.locator('.sidebar .pane-body .monaco-list-row.selected');
    return row.filter({ has: this.treeLabel(label) });
  }

  /** A label as a whole: descriptions and parts of other labels do not count. */
  private treeLabel(label: string): Locator {
    const whole = label.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    return this.page.locator('.label-name', { hasText: new RegExp(`^${whole}$`) });
  }

  /** The box of a row of our view, checked or not. */
  readonly checkbox = '.custom-view-tree-node-item-checkbox';
  readonly uncheckedBox = '.custom-view-tree-node-item-checkbox:not(.codicon-check)';

  lens(text: string): Locator {
    return this.page.locator('.codelens-decoration a', { hasText: text }).first();
  }

  /** The number of the line the cursor is on, counted from 1. */
  currentLine(number: number): Locator {
    return this.page.locator('.line-numbers.active-line-number', {
      hasText: new RegExp(`^${number}$`),
    });
  }

  tab(title: string): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: title }).first();
  }

  toast(text: string): Locator {
    // Once it no longer moves.
    const toast = this.page.locator('.notification-toast.notification-fade-in-done');
    return toast.filter({ hasText: text }).first();
  }

  get statusBar(): Locator {
    return this.page.locator('[id="fusebn.fusebn.fusebn.counts"]');
  }

  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  get quickPick(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  /** Brings the Explorer to the front; a click on its icon while it is there would hide it. */
  async showExplorer(): Promise<void> {
    const isFront = await this.page.locator('.explorer-viewlet').isVisible();
    if (!isFront) await this.activity('Explorer').click();
    await this.explorerRows.first().waitFor();
  }

  async showModels(): Promise<void> {
    const isFront = await this.page
      .locator('.composite.title h2', { hasText: 'FuseBN' })
      .isVisible();
    if (!isFront) await this.activity('FuseBN').click();
  }

  /** Right-clicks a file and chooses from its menu. */
  async chooseInExplorer(file: string, item: string): Promise<void> {
    await this.showExplorer();
    await this.chooseFromMenu(this.explorerRow(file), item);
  }

  /** Right-clicks a row of our view and chooses from its menu. */
  async chooseInTree(label: string, item: string): Promise<void> {
    await this.chooseFromMenu(this.treeRow(label), item);
  }

  private async chooseFromMenu(row: Locator, item: string): Promise<void> {
    await row.click({ button: 'right' });
    await this.chooseInMenu(item);
  }

  /** Chooses from the menu that is open. */
  async chooseInMenu(item: string): Promise<void> {
    const choice = this.page.locator('.monaco-menu .action-item', { hasText: item }).first();
    await choice.waitFor();
    // A menu ignores the mouse for its first tenth of a second, but not the keyboard.
    const focused = this.page.locator('.monaco-menu .action-item.focused', { hasText: item });
    await this.hoverFor(choice, focused);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.monaco-menu').waitFor({ state: 'detached' });
  }

  /** Hovers until something shows: a row that is drawn anew under the mouse forgets that it was hovered. */
  async hoverFor(target: Locator, shown: Locator): Promise<void> {
    while (!(await shown.isVisible())) {
      await this.page.mouse.move(0, 0);
      await target.hover();
      await shown.waitFor({ timeout: HOVER_PATIENCE_MS }).catch(() => undefined);
    }
  }

  /** Runs a command by its title. */
  async runCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input.input');
    await input.waitFor({ state: 'visible' });
    await input.fill(`>${title}`);
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: title })
      .first()
      .click();
  }

  /**
   * Reloads the window once the workbench has stored `kept` as a part of its state. The browser workbench does so
   * every few seconds; a desktop one would when it closes.
   */
  async reload(kept: string): Promise<void> {
    while (!(await this.page.evaluate<boolean>(isStored(kept)))) {
      await this.page.waitForTimeout(STORE_PAUSE_MS);
    }
    await this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  /** Text of the editor lines on the screen, in no certain order. */
  async editorText(): Promise<string> {
    const lines = await this.page.locator('.editor-instance:visible .view-line').allInnerTexts();
    // VS Code writes no-break spaces.
    return lines.join('\n').replaceAll('\u00a0', ' ');
  }
}

/**
 * A script for the page: whether the workbench's state holds a text. States of editors are JSON within JSON, so quotes
 * come with backslashes before them.
 */
function isStored(text: string): string {
  return `(async () => {
    const answer = (request) => new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const { name } of await indexedDB.databases()) {
      if (!name.startsWith('vscode-web-state')) continue;
      const database = await answer(indexedDB.open(name));
      const items = database.transaction('ItemTable').objectStore('ItemTable');
      const values = await answer(items.getAll());
      database.close();
      const isKept = (value) => String(value).replaceAll('\\\\', '').includes(${JSON.stringify(text)});
      if (values.some(isKept)) return true;
    }
    return false;
  })()`;
}

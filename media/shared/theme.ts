/** Colours and type of VS Code's theme as a canvas needs them; everything else styles itself by CSS variables. */
export interface Theme {
  readonly foreground: string;
  readonly faint: string;
  readonly background: string;
  readonly grid: string;
  readonly focus: string;
  readonly blue: string;
  readonly green: string;
  readonly yellow: string;
  readonly red: string;
  readonly font: string;
  readonly fontSize: number;
  /** In high contrast nothing may be told by a faint colour. */
  readonly isHighContrast: boolean;
}

/** The theme as it is now. */
export function readTheme(): Theme {
  const style = getComputedStyle(document.body);
  const color = (...names: readonly string[]): string => {
    const found = names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim());
    return found.find((value) => value !== '') ?? style.color;
  };
  return {
    foreground: color('foreground'),
    faint: color('descriptionForeground', 'foreground'),
    background: color('editor-background'),
    grid: color('editorIndentGuide-background1', 'editorWidget-border', 'contrastBorder'),
    focus: color('focusBorder'),
    blue: color('charts-blue'),
    green: color('charts-green'),
    yellow: color('editorWarning-foreground', 'charts-yellow'),
    red: color('charts-red', 'errorForeground'),
    font: style.getPropertyValue('--vscode-font-family').trim() || 'sans-serif',
    fontSize: Number.parseFloat(style.getPropertyValue('--vscode-font-size')) || 13,
    isHighContrast: /vscode-high-contrast/.test(document.body.className),
  };
}

/** Calls back when the user chooses another theme: VS Code changes the classes of the body and the variables then. */
export function onThemeChange(listener: () => void): void {
  const observer = new MutationObserver(listener);
  observer.observe(document.body, { attributes: true, attributeFilter: ['class'] });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });
}

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** Folder of the built pages, below the extension. */
export const PAGES_FOLDER = 'dist/media';

/**
 * The empty page of a webview: its style sheet and its script, and nothing else it could load or run. Everything it
 * shows comes by messages.
 */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri, name: string): string {
  const nonce = randomBytes(16).toString('base64');
  const uri = (file: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, PAGES_FOLDER, file)).toString();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource}`,
  ].join('; ');
  return /* html */ `<!DOCTYPE html>
<html lang="${vscode.env.language}">
  <head>
    <meta charset="UTF-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1.0" />
    <link rel="stylesheet" href="${uri(`${name}.css`)}" />
    <title>FuseBN</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${uri(`${name}.js`)}"></script>
  </body>
</html>`;
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { driftSentences } from '../../src/core/drift/driftSentence';
import { findingSentences } from '../../src/core/model/findingSentence';
import { reasonSentences } from '../../src/core/model/reason';
import { projectPath } from './root';

/**
 * Every English sentence that user interfaces hand to a `t(…)`, every reason's and finding's, and every word of a
 * drift report: what a translation must cover.
 */
export function translatedStrings(): ReadonlySet<string> {
  const sentences = new Set<string>([
    ...Object.values(reasonSentences),
    ...Object.values(driftSentences),
    ...Object.values(findingSentences),
  ]);
  for (const folder of ['src/host', 'src/server', 'src/core/wording']) {
    for (const name of readdirSync(projectPath(folder), { recursive: true }).map(String)) {
      if (name.endsWith('.ts')) collect(join(projectPath(folder), name), sentences);
    }
  }
  return sentences;
}

function collect(path: string, sentences: Set<string>): void {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTranslate(node.expression)) {
      const [sentence] = node.arguments;
      if (sentence !== undefined && ts.isStringLiteralLike(sentence)) sentences.add(sentence.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
}

/** `t(…)`, `l10n.t(…)`, `vscode.l10n.t(…)`. */
function isTranslate(callee: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(callee)
    ? callee.name.text === 't'
    : ts.isIdentifier(callee) && callee.text === 't';
}

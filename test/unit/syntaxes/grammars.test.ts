import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import oniguruma from 'vscode-oniguruma';
import textmate from 'vscode-textmate';
import { listingFixture } from '../../support/listings';
import { projectPath } from '../../support/root';

const grammars = new Map<string, textmate.IGrammar>();

before(async () => {
  const wasm = projectPath('node_modules/vscode-oniguruma/release/onig.wasm');
  await oniguruma.loadWASM(new Uint8Array(readFileSync(wasm)).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => {
      const path = projectPath('syntaxes', `${scope.replace('source.', '')}.tmLanguage.json`);
      return Promise.resolve(textmate.parseRawGrammar(readFileSync(path, 'utf8'), path));
    },
  });
  for (const language of ['onnx-text', 'torch-module']) {
    grammars.set(language, (await registry.loadGrammar(`source.${language}`))!);
  }
});

/** `text → scope` of the tokens of one line that are more than blanks; the language's name is left out of scopes. */
function tokens(language: string, line: string): string[] {
  const { tokens: found } = grammars.get(language)!.tokenizeLine(line, textmate.INITIAL);
  return found
    .map(({ startIndex, endIndex, scopes }) => {
      const text = line.slice(startIndex, endIndex).trim();
      const scope = scopes.at(-1)!.replace(`.${language}`, '');
      return text === '' || scope.startsWith('punctuation') ? '' : `${text} → ${scope}`;
    })
    .filter((token) => token !== '');
}

suite('the torch-module grammar', () => {
  test('tells key, class and arguments of a convolution', () => {
    assert.deepEqual(
      tokens('torch-module', '  (conv1): Conv2d(3, 64, kernel_size=(7, 7), bias=False)'),
      [
        'conv1 → variable.other.property',
        'Conv2d → entity.name.function.layer',
        '3 → constant.numeric',
        '64 → constant.numeric',
        'kernel_size → variable.parameter',
        '= → keyword.operator.assignment',
        '7 → constant.numeric',
        '7 → constant.numeric',
        'bias → variable.parameter',
        '= → keyword.operator.assignment',
        'False → constant.language',
      ],
    );
  });

  test('makes BatchNorms stand out and reads exponents', () => {
    const found = tokens('torch-module', '(1): BatchNorm1d(16, eps=1e-05)');
    assert.ok(found.includes('BatchNorm1d → support.class.normalization'));
    assert.ok(found.includes('1e-05 → constant.numeric'));
  });

  test('reads repeats, roots, absent children and keys with brackets', () => {
    assert.deepEqual(tokens('torch-module', '    (0-2): 3 x Block('), [
      '0-2 → variable.other.property',
      '3 → constant.numeric.integer',
      'x → keyword.operator.repeat',
      'Block → entity.name.type.class',
    ]);
    assert.deepEqual(tokens('torch-module', 'ResNet('), ['ResNet → entity.name.type.class']);
    assert.deepEqual(tokens('torch-module', '  (downsample): None'), [
      'downsample → variable.other.property',
      'None → constant.language',
    ]);
    assert.ok(
      tokens('torch-module', '(reg(x)): Sequential()').includes('reg(x) → variable.other.property'),
    );
  });

  test('colours every line of real printouts without running away', () => {
    for (const name of ['resnet18', 'bottleneck.before', 'lidar-encoder.before', 'repeats']) {
      for (const line of listingFixture(`${name}.txt`).split('\n')) {
        const { ruleStack } = grammars.get('torch-module')!.tokenizeLine(line, textmate.INITIAL);
        assert.equal(ruleStack.depth, 1, line);
      }
    }
  });
});

suite('the onnx-text grammar', () => {
  test('tells name, output, operator, attributes, inputs and the type behind', () => {
    const line =
      '   [conv_1] "y/0" = Conv <kernel_shape: ints = [3, 3], auto_pad: string = "SAME"> (x, "w.0", "")  # float[1,64]';
    assert.deepEqual(tokens('onnx-text', line), [
      'conv_1 → entity.name.label.node',
      '"y/0" → variable.other.output',
      '= → keyword.operator.assignment',
      'Conv → entity.name.function.operator',
      'kernel_shape → variable.parameter.attribute',
      'ints → storage.type.attribute',
      '= → keyword.operator.assignment',
      '3 → constant.numeric',
      '3 → constant.numeric',
      'auto_pad → variable.parameter.attribute',
      'string → storage.type.attribute',
      '= → keyword.operator.assignment',
      '"SAME" → string.quoted.double',
      'x → variable.other',
      '"w.0" → string.quoted.double',
      '"" → string.quoted.double',
      '# float[1,64] → comment.line.number-sign',
    ]);
  });

  test('makes BatchNormalization stand out and reads domains and several outputs', () => {
    assert.deepEqual(tokens('onnx-text', '   a, b = my.domain.BatchNormalization (x)'), [
      'a → variable.other.output',
      'b → variable.other.output',
      '= → keyword.operator.assignment',
      'my.domain. → entity.name.namespace.domain',
      'BatchNormalization → support.class.normalization',
      'x → variable.other',
    ]);
  });

  test('reads initializers, signatures and headers', () => {
    assert.deepEqual(tokens('onnx-text', '      float[64,3,7,7] "conv1.weight" = {…},'), [
      'float → storage.type.tensor',
      '64 → constant.numeric.dimension',
      '3 → constant.numeric.dimension',
      '7 → constant.numeric.dimension',
      '7 → constant.numeric.dimension',
      '"conv1.weight" → variable.other.constant.initializer',
      '= → keyword.operator.assignment',
      '{…} → comment.block.elided',
    ]);
    assert.deepEqual(tokens('onnx-text', 'graph (float[N,?] x) => (int64 y)'), [
      'graph → entity.name.section.graph',
      'float → storage.type.tensor',
      'N → variable.parameter.dimension',
      '? → variable.parameter.dimension',
      'x → variable.other',
      '=> → keyword.operator.arrow',
      'int64 → storage.type.tensor',
      'y → variable.other',
    ]);
    assert.deepEqual(tokens('onnx-text', '   opset_import: ["" : 17]'), [
      'opset_import → keyword.other.header',
      '"" → string.quoted.double',
      '17 → constant.numeric',
    ]);
  });

  test('is not slowed down by long words that lead nowhere', () => {
    const line = `   ${'a'.repeat(5000)}, ${'"b", '.repeat(500)}`;
    const start = performance.now();
    tokens('onnx-text', line);
    assert.ok(performance.now() - start < 1000);
  });

  test('reads bodies of control flow', () => {
    assert.deepEqual(
      tokens('onnx-text', '   }, else_branch: graph = else_branch () => (float z) {').slice(0, 4),
      [
        'else_branch → variable.parameter.attribute',
        'graph → storage.type.attribute',
        '= → keyword.operator.assignment',
        'else_branch → entity.name.section.graph',
      ],
    );
  });
});

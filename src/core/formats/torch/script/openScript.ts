import { ModelFormatError } from '../../../errors';
import type { Network } from '../../../model/network';
import type { OpenedModel } from '../../../model/openedModel';
import type { Problem } from '../../../model/pair';
import type { Tensor } from '../../../model/tensor';
import type { ZipArchive } from '../../zip/readZip';
import { AbsentVectors } from '../graph/absentVectors';
import { ProgramGraph } from '../graph/programGraph';
import { ProgramModel } from '../programModel';
import { readTensorBytes } from '../readTensor';
import { ZipContainer } from '../zipContainer';
import { Interpreter } from './interpreter';
import { scriptTensors, type ScriptSlot } from './scriptTensors';
import { moduleNetwork } from './moduleNetwork';
import { ScriptLibrary } from './scriptLibrary';
import { asScriptObject, scriptTree, type ScriptModule } from './scriptModules';
import { NotFollowed, Raised } from './scriptValue';

/**
 * Opens a TorchScript archive: data flow where its code can be followed, else its module tree.
 * @throws ModelFormatError when the archive is damaged.
 */
export function openScript(archive: ZipArchive, prefix: string): OpenedModel {
  const data = new ZipContainer(archive, prefix);
  const constants = new ZipContainer(archive, prefix, 'constants');
  const root = asScriptObject(data.document.root);
  if (root === null) throw new ModelFormatError('the TorchScript archive holds no module');
  const modules = scriptTree(root);
  const library = new ScriptLibrary(archive, prefix);
  const slots = scriptTensors(modules, data, constants);
  const absent = new AbsentVectors();
  const followed = follow(modules, library, slots, absent);
  const tensors = new Map([...slots].map(([name, { slot }]) => [name, slot.tensor]));
  return new ProgramModel({
    format: 'torchscript',
    producer: null,
    archive,
    ...(followed.kind === 'graph'
      ? { network: followed.network, problems: [] }
      : {
          network: moduleNetwork(modules, library, tensors),
          problems: [notFollowedProblem(followed.why)],
        }),
    tensors,
    absent,
    readEncoded: (name) => {
      const found = slots.get(name);
      if (found === undefined) throw new ModelFormatError(`the file holds no tensor ${name}`);
      return readTensorBytes(found.slot, found.container);
    },
  });
}

type Followed =
  | { readonly kind: 'graph'; readonly network: Network }
  | { readonly kind: 'not'; readonly why: string };

function follow(
  [root]: readonly ScriptModule[],
  library: ScriptLibrary,
  slots: ReadonlyMap<string, ScriptSlot>,
  absent: AbsentVectors,
): Followed {
  if (root === undefined) return { kind: 'not', why: 'there is no module' };
  const tensorOf = (name: string): Tensor | null => slots.get(name)?.slot.tensor ?? null;
  const graph = new ProgramGraph();
  const interpreter = new Interpreter({
    library,
    tensorOf,
    constantTensor: (name) => tensorOf(`CONSTANTS.${name}`),
    context: {
      graph,
      absentVector: (bnName, leaf, { edge }) => {
        const mean = tensorOf(edge);
        return mean && absent.edge(graph, bnName, leaf, mean);
      },
    },
  });
  try {
    return { kind: 'graph', network: graph.finish(interpreter.runForward(root)) };
  } catch (cause) {
    if (cause instanceof Raised) return { kind: 'not', why: 'it raises an exception' };
    const isKnown = cause instanceof NotFollowed || cause instanceof ModelFormatError;
    if (isKnown) return { kind: 'not', why: cause.message };
    throw cause;
  }
}

function notFollowedProblem(why: string): Problem {
  return {
    severity: 'info',
    message: `The code of this TorchScript file cannot be followed (${why}), so its pairs are known from its modules.`,
  };
}

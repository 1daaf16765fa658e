import type { OpenedModel } from '../../model/openedModel';
import { producerOf } from './producerOf';
import type { TorchContainer } from './torchContainer';
import { TorchModel } from './torchModel';
import { torchNetwork } from './torchNetwork';

/** Reads what a container holds: state_dicts, or modules saved whole. */
export function openContainer(
  format: 'torch-zip' | 'torch-legacy',
  container: TorchContainer,
): OpenedModel {
  const torch = torchNetwork(container.document.root, container.storages);
  const isWhole = torch.objectsByPath.size > 0;
  const producer = producerOf(container.document.root);
  return new TorchModel(isWhole ? 'torch-module' : format, producer, container, torch);
}

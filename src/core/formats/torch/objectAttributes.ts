import { entriesOf, isGlobal, type PickleCall, type PickleEntry } from '../pickle/pickleValue';

/** The attributes of an object; null when it has none that can be told apart. */
export function attributesOf(object: PickleCall): readonly PickleEntry[] | null {
  return entriesOf(object.state) ?? (isGraphModule(object) ? entriesOf(object.args[0]) : null);
}

/** Whether the object is a network of `torch.fx`, which is made of its attributes and its code. */
export function isGraphModule({ callee }: PickleCall): boolean {
  return (
    isGlobal(callee, 'torch.fx.graph_module', 'reduce_graph_module') ||
    isGlobal(callee, 'torch.fx.graph_module', 'reduce_package_graph_module')
  );
}

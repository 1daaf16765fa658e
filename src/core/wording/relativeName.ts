/**
 * `name` without the blocks it shares with `neighbour`: beside `layer1.0.conv1`, `layer1.0.bn1` is just `bn1`.
 * Blocks end at `.` (PyTorch) or at `/` (ONNX exporters, whose blocks may hold dots).
 */
export function relativeName(name: string, neighbour: string): string {
  const separator = name.includes('/') ? '/' : '.';
  let shared = 0;
  for (let at = 0; at < name.length && name[at] === neighbour[at]; at++) {
    if (name[at] === separator) shared = at + 1;
  }
  return name.slice(shared);
}

/**
 * A layer's name as a person would say it. PyTorch's ONNX exporter calls layers by a path that repeats itself and
 * ends with the operator: `/stage1/stage1.0/expand/expand.0/Conv` is `stage1.0/expand.0`. Other names stay.
 */
export function layerLabel(name: string, operator: string): string {
  if (!name.startsWith('/')) return name;
  const segments = name.slice(1).split('/');
  if (segments.length > 1 && segments.at(-1) === operator) segments.pop();
  const isRepeated = (segment: string, idx: number): boolean =>
    segments[idx + 1]?.startsWith(`${segment}.`) ?? false;
  return segments.filter((segment, idx) => !isRepeated(segment, idx)).join('/');
}

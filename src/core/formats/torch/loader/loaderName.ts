/** Name of the loader of a checkpoint: `<stem>_fused.py`, with a stem that Python can import. */
export function loaderName(inputName: string): string {
  const file = inputName.replace(/^.*[/\\]/, '');
  const stem = file.replace(/\.safetensors\.index\.json$/i, '').replace(/(.)\.[^.]*$/, '$1');
  const importable = stem.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d|$)/, '_');
  return `${importable}_fused.py`;
}

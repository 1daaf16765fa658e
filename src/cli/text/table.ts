/** Rows as lines whose columns are aligned; the last column is as long as it is. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, idx) => {
      widths[idx] = Math.max(widths[idx] ?? 0, visibleLength(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, idx) => cell + ' '.repeat((widths[idx] ?? 0) - visibleLength(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** Length as a terminal shows it: colour codes take no room. */
function visibleLength(text: string): number {
  return Array.from(text.replace(/\u001b\[[0-9;]*m/g, '')).length;
}

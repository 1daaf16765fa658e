import { basename, dirname, extname, join } from 'node:path';
import * as vscode from 'vscode';
import type { DriftReport } from '../../protocol/drift';
import { driftCsv } from '../../protocol/driftCsv';

/** Writes a report as a table or as the JSON of the command line, where the user says. */
export async function saveReport(report: DriftReport, format: 'csv' | 'json'): Promise<void> {
  const text = format === 'csv' ? driftCsv(report) : `${JSON.stringify(report, null, 2)}\n`;
  await save(report.reference, format, new TextEncoder().encode(text));
}

/** Writes the picture of the chart, where the user says. */
export async function savePicture(reference: string, bytes: Uint8Array): Promise<void> {
  await save(reference, 'png', bytes);
}

const fileKinds = {
  csv: () => vscode.l10n.t('Comma-separated values'),
  json: () => 'JSON',
  png: () => vscode.l10n.t('PNG picture'),
};

async function save(
  reference: string,
  format: keyof typeof fileKinds,
  bytes: Uint8Array,
): Promise<void> {
  const name = `${basename(reference, extname(reference))}.drift.${format}`;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(reference), name)),
    filters: { [fileKinds[format]()]: [format] },
    title: vscode.l10n.t('Export Drift'),
  });
  if (target !== undefined) await vscode.workspace.fs.writeFile(target, bytes);
}

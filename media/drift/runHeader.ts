import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type { DriftContent, DriftTexts, ToDriftView } from '../../src/protocol/driftView';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { secondaryButton } from '../shared/button';
import { element, setText } from '../shared/element';
import { sortableDecibels } from './shownLayers';
import { countsText, decibelText } from './wording';

export interface HeaderEvents {
  readonly onCompare: () => void;
  readonly onRun: () => void;
  readonly onCancel: () => void;
  readonly onExport: (format: 'csv' | 'json' | 'png') => void;
}

const exportFormats = ['csv', 'json', 'png'] as const;

/** What is compared, how far the measurement is, its result in one line, and what can be done with it. */
export class RunHeader {
  readonly element: HTMLElement;
  private readonly title = element('h1');
  private readonly facts = element('p', { class: 'facts-line' });
  private readonly note = element('p', { class: 'note' });
  private readonly failure = element('p', { class: 'failure', attributes: { role: 'alert' } });
  private readonly progress = element('vscode-progress-bar');
  private readonly progressText = element('span');
  private readonly running: HTMLElement;
  private readonly cancel: HTMLElement;
  private readonly run: HTMLElement;
  private readonly exports: HTMLElement;

  constructor(
    private readonly texts: DriftTexts,
    events: HeaderEvents,
  ) {
    this.cancel = secondaryButton(texts.cancel, events.onCancel);
    this.run = secondaryButton(texts.runAgain, events.onRun);
    this.progress.ariaLabel = texts.running.drift;
    const formats = exportFormats.map((format) =>
      secondaryButton(format.toUpperCase(), () => {
        events.onExport(format);
      }),
    );
    this.exports = element(
      'div',
      { class: 'exports', attributes: { role: 'group', 'aria-label': texts.exportAs } },
      element('span', { class: 'faint', text: texts.exportAs }),
      ...formats,
    );
    this.running = element(
      'div',
      { class: 'running' },
      element('div', { class: 'running-bar' }, this.progress),
      this.progressText,
      this.cancel,
    );
    const compare = secondaryButton(texts.compareWith, events.onCompare);
    this.element = element(
      'header',
      { class: 'page-head' },
      element(
        'div',
        { class: 'page-title' },
        this.title,
        element('div', { class: 'actions' }, compare, this.run, this.exports),
      ),
      this.facts,
      this.running,
      this.failure,
      this.note,
    );
  }

  show(content: DriftContent, names: Extract<ToDriftView, { type: 'show' }>['names']): void {
    const { texts } = this;
    const { run, report } = content;
    setText(this.title, `${names.reference} → ${names.candidate ?? texts.ownFold}`);
    setText(this.facts, factsLine(content, texts));
    const isRunning = run.kind === 'running';
    this.running.hidden = !isRunning;
    this.run.hidden = isRunning;
    this.exports.hidden = report === null;
    if (isRunning) {
      const isKnown = run.total > 0 && run.done < run.total;
      this.progress.indeterminate = !isKnown;
      this.progress.max = Math.max(run.total, 1);
      this.progress.value = run.done;
      setText(this.progressText, progressText(content, texts));
    }
    const sentence =
      run.kind === 'failed'
        ? fillPlaces(texts.failed, run.message)
        : run.kind === 'cancelled'
          ? texts.cancelled
          : '';
    setText(this.failure, sentence);
    this.failure.hidden = sentence === '';
    setText(this.note, report?.note ?? '');
    this.note.hidden = (report?.note ?? null) === null;
  }
}

/** How far a run is, in words. */
export function progressText({ run, layers }: DriftContent, texts: DriftTexts): string {
  if (run.kind !== 'running') return '';
  // All pairs are measured one by one before any network runs.
  const isNetwork = run.stage === 'drift' && run.total > 0 && layers.length >= run.total;
  const text = isNetwork ? texts.runningNetworks : texts.running[run.stage];
  if (run.total === 0) return text;
  // Bytes are nothing to count.
  return run.stage === 'write'
    ? `${text} ${Math.round((100 * run.done) / run.total)} %`
    : `${text} ${run.done} / ${run.total}`;
}

function factsLine({ layers, report }: DriftContent, texts: DriftTexts): string {
  if (layers.length === 0) return report === null ? '' : texts.empty;
  const facts = [fillPlaces(texts.measuredLayers, layers.length, countsText(layers, texts))];
  const worst = layers
    .map(({ id, isolated }) => ({ id, isolated, value: sortableDecibels(isolated) }))
    .filter(({ value }) => value !== null && value !== Infinity)
    .toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
  if (worst !== undefined) {
    facts.push(fillPlaces(texts.worstLayer, worst.id, decibelText(worst.isolated, texts)));
  }
  if (report !== null) {
    if (report.runtime !== null) facts.push(report.runtime);
    facts.push(fillPlaces(texts.seedAndSamples, report.seed, report.samples));
  }
  return facts.join(' · ');
}

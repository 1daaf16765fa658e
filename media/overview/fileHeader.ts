import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { fillPlaces } from '../../src/core/wording/fillPlaces';
import type {
  FromOverviewView,
  OverviewContent,
  OverviewReport,
  OverviewTexts,
} from '../../src/protocol/overviewView';
import type { TestRun } from '../../src/protocol/statisticsView';
import { secondaryButton } from '../shared/button';
import { element, setText } from '../shared/element';
import { fileFacts } from './wording';

type Action = Extract<
  FromOverviewView['type'],
  'retry' | 'fuse' | 'structure' | 'drift' | 'statistics' | 'test' | 'stop'
>;

/** More problems of a file than these are told by the command line. */
const MAX_PROBLEMS = 4;

/** What the file is, what can be done with it, and what its statistics say; or why it cannot be read. */
export class FileHeader {
  readonly element: HTMLElement;
  private readonly title = element('h1');
  private readonly facts = element('p', { class: 'facts-line' });
  private readonly actions: HTMLElement;
  private readonly fuse = element('vscode-button');
  private readonly drift: HTMLElement;
  private readonly statistics: HTMLElement;
  private readonly progress = element('vscode-progress-bar');
  private readonly failure: HTMLElement;
  private readonly failureText = element('p', { attributes: { role: 'alert' } });
  private readonly problems = element('div', { class: 'problems' });
  private readonly sentence = element('span');
  private readonly said: HTMLElement;
  private readonly test: HTMLElement;
  private readonly running: HTMLElement;
  private readonly runningBar = element('vscode-progress-bar');
  private readonly runningText = element('span');

  constructor(
    private readonly texts: OverviewTexts,
    onAction: (action: Action) => void,
  ) {
    const act = (action: Action) => (): void => {
      onAction(action);
    };
    this.fuse.textContent = texts.fuse;
    this.fuse.addEventListener('click', act('fuse'));
    this.drift = secondaryButton(texts.drift, act('drift'));
    this.statistics = secondaryButton(texts.statistics, act('statistics'));
    const structure = secondaryButton(texts.structure, act('structure'));
    this.actions = element(
      'div',
      { class: 'actions' },
      this.fuse,
      structure,
      this.drift,
      this.statistics,
    );
    this.progress.indeterminate = true;
    this.progress.ariaLabel = texts.reading;
    this.failure = element(
      'div',
      { class: 'failure' },
      this.failureText,
      secondaryButton(texts.tryAgain, act('retry')),
    );
    this.test = element('button', {
      class: 'link',
      text: texts.test,
      attributes: { type: 'button' },
    });
    this.test.addEventListener('click', act('test'));
    this.said = element('p', { class: 'said' }, this.sentence, this.test);
    this.runningBar.ariaLabel = texts.testing;
    this.running = element(
      'div',
      { class: 'running' },
      element('div', { class: 'running-bar' }, this.runningBar),
      this.runningText,
      secondaryButton(texts.stop, act('stop')),
    );
    this.element = element(
      'header',
      { class: 'page-head' },
      element('div', { class: 'page-title' }, this.title, this.actions),
      this.facts,
      this.progress,
      this.failure,
      this.said,
      this.running,
      this.problems,
    );
  }

  show({ name, state }: OverviewContent, run: TestRun): void {
    const { texts } = this;
    const report = state.kind === 'ready' ? state.report : null;
    setText(this.title, name);
    this.progress.hidden = state.kind !== 'reading';
    this.failure.hidden = state.kind !== 'failed';
    setText(this.failureText, state.kind === 'failed' ? state.message : '');
    this.actions.hidden = report === null;
    setText(
      this.facts,
      report === null
        ? state.kind === 'reading'
          ? texts.reading
          : ''
        : fileFacts(report, texts).join(' · '),
    );
    this.facts.title = report === null ? '' : texts.policyHelp[report.policy];
    this.showRun(report, run);
    this.problems.hidden = report === null || report.problems.length === 0;
    if (report !== null) this.showReport(report);
  }

  private showReport({ pairs, counts, statistics, problems }: OverviewReport): void {
    this.fuse.disabled = counts.fusable === 0 && !pairs.some(({ isChoosable }) => isChoosable);
    this.drift.hidden = counts.fusable === 0;
    this.statistics.hidden = !statistics.hasPictures;
    this.problems.replaceChildren(
      ...problems.slice(0, MAX_PROBLEMS).map(({ severity, message }) => {
        const isError = severity === 'error';
        return element('p', { class: isError ? 'failure' : 'note', text: message });
      }),
    );
  }

  private showRun(report: OverviewReport | null, run: TestRun): void {
    const { texts } = this;
    const isRunning = report !== null && run.kind === 'running';
    this.running.hidden = !isRunning;
    this.said.hidden = report === null || isRunning || report.pairs.length === 0;
    if (report !== null) {
      const { sentence, activation, isTestable } = report.statistics;
      const parts = [
        sentence,
        ...(activation === null ? [] : [fillPlaces(texts.activation, activation)]),
      ];
      setText(this.sentence, parts.join(' '));
      this.test.hidden = !isTestable;
    }
    if (run.kind !== 'running') return;
    const isKnown = run.total > 0;
    this.runningBar.indeterminate = !isKnown;
    this.runningBar.max = Math.max(run.total, 1);
    this.runningBar.value = run.done;
    setText(
      this.runningText,
      isKnown ? `${texts.testing} ${run.done} / ${run.total}` : texts.testing,
    );
  }
}

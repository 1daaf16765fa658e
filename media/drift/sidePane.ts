import type { DriftDetail } from '../../src/protocol/drift';
import type { DriftContent, DriftTexts } from '../../src/protocol/driftView';
import { element } from '../shared/element';
import { layerDetail, type DetailState } from './detail/layerDetail';
import { overviewPane } from './detail/overviewPane';

export interface SidePaneEvents {
  /** A detail is wanted that has not arrived yet. */
  readonly onWantDetail: (id: string) => void;
  readonly onChoose: (id: string) => void;
  readonly onReveal: (id: string) => void;
  readonly onBack: () => void;
}

/** What stands beside the table: the chosen layer in full, or where to look first. */
export class SidePane {
  readonly element: HTMLElement;
  private readonly details = new Map<string, DetailState>();
  /** What the pane is drawn from; it is drawn anew only when one of these is another one. */
  private drawn: readonly unknown[] = [];

  constructor(
    private readonly texts: DriftTexts,
    private readonly events: SidePaneEvents,
  ) {
    this.element = element('aside', { class: 'side' });
  }

  show(content: DriftContent, selected: string | null): void {
    const layer = content.layers.find(({ id }) => id === selected);
    const state = layer === undefined ? null : this.stateOf(layer.id, content);
    const parts = [layer, state, content.report];
    if (parts.every((part, idx) => part === this.drawn[idx]) && this.drawn.length > 0) return;
    const isOther = layer?.id !== this.element.dataset['layer'];
    this.drawn = parts;
    this.element.dataset['layer'] = layer?.id ?? '';
    if (layer === undefined || state === null) {
      this.element.replaceChildren(...this.overview(content));
    } else {
      const reveal = (): void => {
        this.events.onReveal(layer.id);
      };
      this.element.replaceChildren(
        this.backButton(content),
        layerDetail(layer, state, this.texts, reveal),
      );
    }
    if (isOther) this.element.scrollTop = 0;
  }

  /** Takes a detail that has arrived. */
  receive(id: string, detail: DriftDetail | null, failure: string | null): void {
    if (failure !== null) this.details.set(id, { kind: 'failed', sentence: failure });
    else this.details.set(id, detail === null ? { kind: 'none' } : { kind: 'ready', detail });
  }

  /** A new measurement makes old details void. */
  forget(): void {
    this.details.clear();
    this.drawn = [];
  }

  private stateOf(id: string, content: DriftContent): DetailState {
    const known = this.details.get(id);
    if (known !== undefined) return known;
    // The engine is busy until the run ends; the detail is asked for then.
    if (content.run.kind !== 'running') {
      this.details.set(id, loading);
      this.events.onWantDetail(id);
    }
    return loading;
  }

  private overview({ report }: DriftContent): HTMLElement[] {
    if (report === null) return [element('p', { class: 'faint', text: this.texts.pickLayer })];
    return [overviewPane(report, this.texts, this.events.onChoose)];
  }

  private backButton({ report }: DriftContent): HTMLElement {
    const count = report?.attention.length ?? 0;
    const text = count > 0 ? `‹ ${this.texts.attention} (${count})` : `‹ ${this.texts.back}`;
    const back = element('button', { class: 'link back', text, attributes: { type: 'button' } });
    back.addEventListener('click', this.events.onBack);
    return back;
  }
}

const loading: DetailState = { kind: 'loading' };

import type {
  DriftContent,
  DriftSubject,
  FromDriftView,
  KeptDrift,
  ToDriftView,
} from '../../src/protocol/driftView';
import type { HostChannel } from '../shared/hostChannel';
import { decodeViewState, initialView, type ViewState } from './viewState';

/** A report of a thousand layers is a megabyte of text; dragging must not write it at every step. */
const PAUSE_MS = 300;

let timer: number | undefined;

/** Keeps results and view for the next start of the page, a moment later and once for many changes. */
export function keepState(
  channel: HostChannel<ToDriftView, FromDriftView>,
  { subject, report, layers }: DriftContent,
  view: ViewState,
): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    const kept: KeptDrift = { subject, report: report === null ? null : { ...report, layers } };
    channel.keepState({ ...kept, view });
  }, PAUSE_MS);
}

/** How the user looked at this subject before; another subject is looked at anew. */
export function keptViewOf(state: unknown, subject: DriftSubject): ViewState {
  if (typeof state !== 'object' || state === null) return initialView;
  const { subject: before, view } = state as { subject?: Partial<DriftSubject>; view?: unknown };
  const isSame = before?.reference === subject.reference && before.candidate === subject.candidate;
  return isSame ? decodeViewState(view) : initialView;
}

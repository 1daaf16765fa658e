import type { GlyphFill, GlyphShape } from '../../shared/chart/glyphs';
import type { Theme } from '../../shared/theme';
import type { Series } from '../viewState';
import type { MarkLabel } from './markLabel';

export const seriesShapes: Readonly<Record<Series, GlyphShape>> = {
  isolated: 'circle',
  accumulated: 'diamond',
};

export const labelFills: Readonly<Record<MarkLabel, GlyphFill>> = {
  ok: 'full',
  warn: 'hollow',
  bad: 'crossed',
  none: 'hollow',
  inherited: 'hollow',
};

/** Radius of a mark where an ok one has `radius`: wrong layers are few and must be found at a glance. */
export function labelRadius(label: MarkLabel, radius: number): number {
  switch (label) {
    case 'bad':
      return Math.max(radius * 1.4, 5);
    case 'warn':
      return Math.max(radius * 1.1, 3.2);
    default:
      return radius;
  }
}

export function labelColor(label: MarkLabel, theme: Theme): string {
  switch (label) {
    case 'ok':
      return theme.green;
    case 'warn':
      return theme.yellow;
    case 'bad':
      return theme.red;
    case 'none':
    case 'inherited':
      return theme.faint;
  }
}

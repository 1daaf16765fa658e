import type { InspectReport, PairReport } from '../protocol/reports';

/** Which pairs take part in a fuse: the fusable ones, but for what the user said otherwise. Immutable. */
export class PairSelection {
  static readonly none = new PairSelection(new Map());

  private constructor(private readonly choices: ReadonlyMap<string, boolean>) {}

  with(ids: readonly string[], isChosen: boolean): PairSelection {
    const choices = new Map(this.choices);
    for (const id of ids) choices.set(id, isChosen);
    return new PairSelection(choices);
  }

  isChosen(pair: PairReport): boolean {
    return this.choices.get(pair.id) ?? pair.verdict === 'fusable';
  }

  /** Ids to fold, or null when they are just what the policy folds anyway. */
  chosenIds(report: InspectReport): readonly string[] | null {
    const isUntouched = report.pairs.every(
      (pair) => this.isChosen(pair) === (pair.verdict === 'fusable'),
    );
    if (isUntouched) return null;
    return report.pairs.filter((pair) => this.isChosen(pair)).map(({ id }) => id);
  }
}

import { findingSentence, type FindingSentence } from '../../model/findingSentence';
import type { Pair, Policy } from '../../model/pair';
import { reason } from '../../model/reason';
import { isFoldedBy } from '../../pairing/policy';
import { groupBy } from '../../pairing/modules/groupBy';
import { fitText } from '../../wording/findingText';
import type { ActivationVote } from '../recovery/activationVote';
import type { Study } from '../recovery/study';
import { activationBetween } from './activationBetween';
import { mayReplaceEps, type EpsSupport } from './epsSupport';
import { confirmingFinding, contradictingFinding, fitOf, silentFinding } from './finding';
import { blockByHabit, isAlone } from './habit';
import { isLayoutQuestion, layoutNames, turnedLayout } from './layout';
import { isProof } from './proof';
import { shortcutBehind } from './shortcutBehind';
import { confirmPair, contradictPair } from './verdict';

/** Everything the verdicts rest on. */
export interface Evidence {
  readonly policy: Policy;
  readonly vote: ActivationVote;
  readonly eps: EpsSupport;
  /** Studies of the pairs, several where the layout is in question. */
  readonly studies: readonly Study[];
  /** By BatchNorm: the convolution whose output its means prove to be, where that is not the pair's own. */
  readonly others: ReadonlyMap<string, Study>;
}

/** Each pair with its finding, and the verdict that follows from it. Yields after each. */
export function* judgePairs(pairs: readonly Pair[], evidence: Evidence): Generator<void, Pair[]> {
  const studiesById = groupBy(evidence.studies, ({ id }) => id);
  const proved = new Set(evidence.studies.filter((study) => isProof(study)).map(({ id }) => id));
  const results: Pair[] = [];
  for (const pair of pairs) {
    const studies = studiesById.get(pair.id) ?? [];
    results.push(
      withEps(
        judged(pair, studies, {
          ...evidence,
          isAlone: (study) => isAlone(study, pairs.length, proved.size),
        }),
        evidence.eps,
      ),
    );
    yield;
  }
  return blockByHabit(results);
}

/** The study to go by: of several layouts the proved one that leads clearly, else the pair's own layout. */
export function ownStudy(studies: readonly Study[]): Study | null {
  const [first, second] = studies.toSorted((a, b) => b.share - a.share);
  if (first === undefined) return null;
  if (second === undefined) return first;
  const leads = 1 - first.share <= CLEAR_LEAD * (1 - Math.max(second.share, 0));
  return isProof(first, studies.length) && leads ? first : (studies[0] ?? null);
}

/** The better layout must leave at most this share of what the other leaves unexplained. */
const CLEAR_LEAD = 0.5;

interface Context extends Evidence {
  readonly isAlone: (study: Study) => boolean;
}

function judged(pair: Pair, studies: readonly Study[], evidence: Context): Pair {
  const { policy, vote, others } = evidence;
  const study = ownStudy(studies);
  if (study !== null && isProof(study, studies.length)) {
    if (evidence.isAlone(study)) {
      const sentence = findingSentence('ALONE', fitText(fitOf(study)));
      return { ...pair, statistics: { ...silentFinding(pair, study), ...sentence } };
    }
    return confirmPair(
      withFoundLayout(pair, study, studies, policy),
      confirmingFinding(study, vote),
      policy,
    );
  }
  // Edges show what feeds the BatchNorm; numbers cannot overrule them.
  if (pair.evidence === 'graph') return { ...pair, statistics: silentFinding(pair, study) };
  const other = others.get(pair.bn.name);
  if (other !== undefined) {
    const [name, fit] = [other.conv.name, fitText(fitOf(other))];
    const sentence = findingSentence('FOLLOWS_FROM_OTHER', name, fit);
    return disagreeing(pair, study, sentence, `they follow from ${name} at ${fit}`);
  }
  const claimed = [...others.values()].find(({ conv }) => conv.name === pair.conv.name);
  if (claimed !== undefined) {
    const [conv, bn, fit] = [pair.conv.name, claimed.norm.layer.name, fitText(fitOf(claimed))];
    const sentence = findingSentence('FEEDS_OTHER', conv, bn, fit);
    return disagreeing(pair, study, sentence, `${conv} feeds ${bn} at ${fit}`);
  }
  // The sign test has spoken already; the full test found nothing to refute it.
  if (pair.statistics?.says === 'contradicts') return pair;
  const shortcut = study === null ? null : shortcutBehind(study);
  if (shortcut?.isClear === true) {
    const fit = fitText(shortcut.fit.correlation);
    const sentence = findingSentence('FOLLOWS_WITH_SHORTCUT', pair.bn.channels, fit);
    const finding = contradictingFinding(pair, study, sentence);
    return contradictPair(pair, finding, [['OPERATOR_BETWEEN', 'A residual sum']]);
  }
  const between = study === null ? null : activationBetween(study);
  if (between !== null) {
    const [{ channels }, { name, fit }] = [pair.bn, between];
    const sentence = findingSentence('FOLLOWS_BEHIND_ACTIVATION', channels, fitText(fit), name);
    const finding = contradictingFinding(pair, study, sentence);
    return contradictPair(pair, finding, [['ACTIVATION_BETWEEN', `An activation such as ${name}`]]);
  }
  return { ...pair, statistics: silentFinding(pair, study) };
}

function disagreeing(
  pair: Pair,
  study: Study | null,
  sentence: FindingSentence,
  why: string,
): Pair {
  const finding = contradictingFinding(pair, study, sentence);
  return contradictPair(pair, finding, [['STATISTICS_DISAGREE', why]]);
}

/** The pair with the layout that its study proves, where the file left that open or names mistook it. */
function withFoundLayout(
  pair: Pair,
  study: Study,
  studies: readonly Study[],
  policy: Policy,
): Pair {
  if (studies.length < 2) return pair;
  const isKnown = turnedLayout(pair) !== null && study.conv.layout === pair.conv.layout;
  if (isKnown) return pair;
  const found = reason(
    'LAYOUT_FOUND',
    layoutNames[study.conv.layout],
    `the running means follow from it at ${fitText(fitOf(study))}`,
  );
  const reasons = pair.reasons.filter(
    ({ code }) => !isLayoutQuestion(code) && code !== 'POLICY_BEVFUSION',
  );
  const choice = isFoldedBy(policy, study.conv)
    ? []
    : [reason('POLICY_BEVFUSION', study.conv.type)];
  return { ...pair, conv: study.conv, reasons: [...reasons, found, ...choice] };
}

function withEps(pair: Pair, support: EpsSupport): Pair {
  const { bn } = pair;
  if (pair.evidence === 'graph' || !mayReplaceEps(bn.epsSource)) return pair;
  const own = support.byNorm.get(bn.name);
  const eps = own ?? (bn.epsSource === 'default' ? support.common : null);
  if (eps === null) return pair;
  return {
    ...pair,
    bn: { ...bn, eps, epsSource: 'statistics' },
    reasons: pair.reasons.filter(({ code }) => code !== 'EPS_ASSUMED'),
  };
}

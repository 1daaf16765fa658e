import * as l10n from '@vscode/l10n';
import { batchNormLabel } from '../../core/wording/batchNormLabel';
import { convSummary } from '../../core/wording/convSummary';
import { shortNumber } from '../../core/wording/shortNumber';
import type { PairReport } from '../../protocol/reports';

/** Longer sentences would push the lens' actions off the screen; the hover has them whole. */
const MAX_REASON_LENGTH = 80;

/** A pair in one line: `fusable · Conv 16→32 3×3 + bn1 · eps 0.001`, or its verdict and the first reason for it. */
export function pairHeadline(pair: PairReport): string {
  switch (pair.verdict) {
    case 'fusable':
      return [
        l10n.t('fusable'),
        `${convSummary(pair.conv)} + ${batchNormLabel(pair)}`,
        epsText(pair),
        ...knownBy(pair),
      ].join(' · ');
    case 'skipped':
      return l10n.t('skipped: {0}', shortReason(pair));
    case 'blocked':
      return l10n.t('blocked: {0}', shortReason(pair));
  }
}

function epsText({ bn }: PairReport): string {
  const eps = shortNumber(bn.eps);
  switch (bn.epsSource) {
    case 'attribute':
    case 'module':
      return `eps ${eps}`;
    case 'default':
      return l10n.t('eps {0} assumed', eps);
    default:
      return l10n.t('eps {0} ({1})', eps, epsSourceWord(bn.epsSource));
  }
}

/** Where an eps comes from, in a word or two. */
export function epsSourceWord(source: PairReport['bn']['epsSource']): string {
  switch (source) {
    case 'user':
      return l10n.t('your setting');
    case 'attribute':
    case 'module':
      return l10n.t('the file');
    case 'structure':
      return l10n.t('structure listing');
    case 'config':
      return l10n.t('config in the file');
    case 'statistics':
      return l10n.t('statistics');
    case 'family':
      return l10n.t('name family');
    case 'default':
      return l10n.t('default, assumed');
  }
}

/** A pair known by names only says so, and says whether the statistics agree. */
function knownBy({ evidence, statistics }: PairReport): string[] {
  if (statistics?.says === 'confirms') return [l10n.t('confirmed by statistics')];
  return evidence === 'names' ? [l10n.t('by name')] : [];
}

function shortReason(pair: PairReport): string {
  const [first] = pair.reasons;
  if (first === undefined) return convSummary(pair.conv);
  if (first.code === 'POLICY_BEVFUSION') {
    return l10n.t('{0} under policy bevfusion', pair.conv.type);
  }
  const sentence = first.message.replace(/[.。]$/, '');
  return sentence.length <= MAX_REASON_LENGTH
    ? sentence
    : `${sentence.slice(0, MAX_REASON_LENGTH - 1).trimEnd()}…`;
}

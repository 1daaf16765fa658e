import { batchNormParameters } from './batchNormParameters';
import type { GraphRule } from './candidate';
import { chainSteps } from './chainSteps';
import { channelAxis } from './channelAxis';
import { channelCount } from './channelCount';
import { convolutionBias } from './convolutionBias';
import { convolutionWeight } from './convolutionWeight';
import { customDomain } from './customDomain';
import { dynamicRanges } from './dynamicRanges';
import { fusedActivation } from './fusedActivation';
import { gemmBias } from './gemmBias';
import { groups } from './groups';
import { initializerInputs } from './initializerInputs';
import { outputReused } from './outputReused';
import { singleDefinitions } from './singleDefinitions';
import { statisticsPerPosition } from './statisticsPerPosition';
import { trainingForm } from './trainingForm';

/** The guards of every graph pair, in the order in which their reasons are shown. */
export const graphRules: readonly GraphRule[] = [
  chainSteps,
  customDomain,
  singleDefinitions,
  fusedActivation,
  outputReused,
  trainingForm,
  statisticsPerPosition,
  initializerInputs,
  batchNormParameters,
  channelCount,
  channelAxis,
  convolutionWeight,
  convolutionBias,
  groups,
  gemmBias,
  dynamicRanges,
];

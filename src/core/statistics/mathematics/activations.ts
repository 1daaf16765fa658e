import { expectation, gaussRule } from './gaussHermite';
import { normalDensity, normalDistribution, rectifiedMean } from './normal';

/** Mean and standard deviation of a channel's values. */
export interface Moments {
  readonly mean: number;
  readonly std: number;
}

/** A function between a BatchNorm and the next convolution. `name` is what a finding reports. */
export interface Activation {
  readonly name: string;
  /** The function itself. Only a parametric ReLU asks for the channel. */
  apply(z: number, channel: number): number;
  /** Mean of apply(z) for z ~ N(mean, std²); worked out millions of times, so it allocates nothing. */
  expectation(mean: number, std: number, channel: number): number;
  /** The same mean with the standard deviation. */
  moments(mean: number, std: number, channel: number): Moments;
}

/**
 * The activations tried. The clipped-normal expectations of relu and relu6 are those Nagel et al. 2019 (Data-Free
 * Quantization through Weight Equalization and Bias Correction, section 4.2.1) use for bias correction; smooth
 * functions are integrated by Gauss–Hermite quadrature.
 */
export const identity: Activation = {
  name: 'none',
  apply: (z) => z,
  expectation: (mean) => mean,
  moments: (mean, std) => ({ mean, std }),
};

const rectifiers = [
  rectifier('relu', 0),
  {
    name: 'relu6',
    apply: clip,
    expectation: (mean: number, std: number) =>
      std > 0 ? rectifiedMean(mean, std) - rectifiedMean(mean - 6, std) : clip(mean),
    moments: clippedMoments,
  },
  rectifier('leaky_relu(0.1)', 0.1),
  rectifier('leaky_relu(0.2)', 0.2),
] as const;

const smooth = [
  integrated('silu', (z) => z / (1 + Math.exp(-z))),
  { ...integrated('gelu', (z) => z * normalDistribution(z)), expectation: geluMean },
  integrated('mish', (z) => z * Math.tanh(Math.log1p(Math.exp(Math.min(z, 30))))),
  {
    ...integrated('hardswish', (z) => (z * Math.min(Math.max(z + 3, 0), 6)) / 6),
    expectation: hardswishMean,
  },
] as const;

/** Every activation but `identity`, in the order in which ties are decided: the commonest first. */
export const activations: readonly Activation[] = [...rectifiers, ...smooth];

/**
 * Activations that hardly any network has in front of a convolution, so that none is looked for there; what stands
 * between a convolution and its BatchNorm may be one of them all the same.
 */
export const rareActivations: readonly Activation[] = [
  integrated('elu', (z) => (z > 0 ? z : Math.expm1(z))),
  integrated('tanh', Math.tanh),
  integrated('sigmoid', (z) => 1 / (1 + Math.exp(-z))),
];

/** relu for slope 0, leaky or parametric relu otherwise. */
export function rectifier(name: string, slope: number): Activation {
  return {
    name,
    apply: (z) => (z > 0 ? z : slope * z),
    // z = max(z, 0) − max(−z, 0) on average too, so one half gives the other.
    expectation: (mean, std) => {
      const above = std > 0 ? rectifiedMean(mean, std) : Math.max(mean, 0);
      return slope === 0 ? above : (1 - slope) * above + slope * mean;
    },
    moments: (mean, std) => rectifiedMoments(mean, std, slope),
  };
}

/** z ~ N(μ, σ²): E[max(z, 0)] = μ Φ(μ/σ) + σ φ(μ/σ), E[max(z, 0)²] = (μ² + σ²) Φ(μ/σ) + μ σ φ(μ/σ). */
function rectifiedMoments(mean: number, std: number, slope: number): Moments {
  if (std <= 0) return { mean: mean > 0 ? mean : slope * mean, std: 0 };
  const above = halfMoments(mean, std);
  const below = halfMoments(-mean, std);
  return momentsOf(above.first - slope * below.first, above.second + slope * slope * below.second);
}

function halfMoments(mean: number, std: number): { first: number; second: number } {
  const share = normalDistribution(mean / std);
  const density = std * normalDensity(mean / std);
  return {
    first: mean * share + density,
    second: (mean * mean + std * std) * share + mean * density,
  };
}

function clip(z: number): number {
  return Math.min(Math.max(z, 0), 6);
}

/** min(max(z, 0), 6) = relu(z) − relu(z − 6); for the square, the part above 6 counts 36. */
function clippedMoments(mean: number, std: number): Moments {
  if (std <= 0) return { mean: clip(mean), std: 0 };
  const whole = halfMoments(mean, std);
  const above = halfMoments(mean - 6, std);
  // relu(z)² − ((z − 6)² + 12 (z − 6)) where z > 6, which leaves 36 there.
  return momentsOf(whole.first - above.first, whole.second - above.second - 12 * above.first);
}

/** E[z Φ(z)] = μ Φ(t) + σ² φ(t) / √(1 + σ²) with t = μ / √(1 + σ²), for z ~ N(μ, σ²). */
function geluMean(mean: number, std: number): number {
  const root = Math.sqrt(1 + std * std);
  const t = mean / root;
  return mean * normalDistribution(t) + (std * std * normalDensity(t)) / root;
}

/** z min(max(z + 3, 0), 6) / 6 = (a² − 3 a − b² − 3 b) / 6 with a = max(z + 3, 0) and b = max(z − 3, 0). */
function hardswishMean(mean: number, std: number): number {
  if (std <= 0) return (mean * clip(mean + 3)) / 6;
  const above = halfMoments(mean + 3, std);
  const beyond = halfMoments(mean - 3, std);
  return (above.second - 3 * above.first - beyond.second - 3 * beyond.first) / 6;
}

function integrated(name: string, apply: (z: number) => number): Activation {
  return {
    name,
    apply,
    expectation: (mean, std) => expectation(apply, mean, std),
    moments: (mean, std) => {
      let first = 0;
      let second = 0;
      const { nodes, weights } = gaussRule;
      for (let idx = 0; idx < nodes.length; idx++) {
        const value = apply(mean + std * (nodes[idx] ?? 0));
        const weighted = (weights[idx] ?? 0) * value;
        first += weighted;
        second += weighted * value;
      }
      return momentsOf(first, second);
    },
  };
}

function momentsOf(first: number, second: number): Moments {
  return { mean: first, std: Math.sqrt(Math.max(second - first * first, 0)) };
}

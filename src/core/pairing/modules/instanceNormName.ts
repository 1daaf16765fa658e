/**
 * Whether a norm is called an InstanceNorm. Those of old PyTorch keep running statistics under the same keys as a
 * BatchNorm and use those of the sample all the same, so the name is the only sign in a state_dict.
 */
export function isCalledInstanceNorm(name: string): boolean {
  return /^(in|inorm|inst)(_?norm)?_?\d*[a-z]?$|instance_?norm/i.test(name);
}

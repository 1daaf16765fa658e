/** What a BatchNorm keeps in a state_dict, `num_batches_tracked` included. */
export const batchNormLeaves = [
  'weight',
  'bias',
  'running_mean',
  'running_var',
  'num_batches_tracked',
] as const;

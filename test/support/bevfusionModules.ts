import { batchNorm, type ModuleSketch } from './moduleNetwork';

type Layout = 'spconv1' | 'spconv2';

/**
 * Modules of a BEVFusion checkpoint of mit-han-lab (ResNet-50 camera, spconv lidar, ConvFuser), with the keys and
 * shapes that its code gives, in registration order. The lidar encoder is in either layout of spconv.
 */
export function bevfusionModules(layout: Layout): ModuleSketch[] {
  return [
    ...camera('encoders.camera'),
    ...lidar('encoders.lidar.backbone', layout),
    ...pair('fuser.0', [256, 336, 3, 3], 'fuser.1'),
    ...decoder(),
    ...heads('heads.object'),
  ];
}

function pair(
  conv: string,
  weight: readonly number[],
  bn: string,
  hasBias = false,
): ModuleSketch[] {
  const out = weight[0] ?? 0;
  return [
    [conv, hasBias ? { weight, bias: [out] } : { weight }],
    [bn, batchNorm(out)],
  ];
}

function camera(path: string): ModuleSketch[] {
  const sketches = pair(`${path}.backbone.conv1`, [64, 3, 7, 7], `${path}.backbone.bn1`);
  let inChannels = 64;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const at = `${path}.backbone.layer${stage + 1}.${block}`;
      sketches.push(
        ...pair(`${at}.conv1`, [width, inChannels, 1, 1], `${at}.bn1`),
        ...pair(`${at}.conv2`, [width, width, 3, 3], `${at}.bn2`),
        ...pair(`${at}.conv3`, [4 * width, width, 1, 1], `${at}.bn3`),
      );
      if (block === 0) {
        const down = `${at}.downsample`;
        sketches.push(...pair(`${down}.0`, [4 * width, inChannels, 1, 1], `${down}.1`));
      }
      inChannels = 4 * width;
    }
  });
  [0, 1].forEach((level) => {
    const lateral = `${path}.neck.lateral_convs.${level}`;
    sketches.push(
      ...pair(`${lateral}.conv`, [256, level === 0 ? 768 : 3072, 1, 1], `${lateral}.bn`),
    );
  });
  [0, 1].forEach((level) => {
    const fpn = `${path}.neck.fpn_convs.${level}`;
    sketches.push(...pair(`${fpn}.conv`, [256, 256, 3, 3], `${fpn}.bn`));
  });
  const view = `${path}.vtransform`;
  return [
    ...sketches,
    [view, { dx: [3], bx: [3], nx: ['int64', 3], frustum: [118, 32, 88, 3] }],
    ...pair(`${view}.dtransform.0`, [8, 1, 1, 1], `${view}.dtransform.1`, true),
    ...pair(`${view}.dtransform.3`, [32, 8, 5, 5], `${view}.dtransform.4`, true),
    ...pair(`${view}.dtransform.6`, [64, 32, 5, 5], `${view}.dtransform.7`, true),
    ...pair(`${view}.depthnet.0`, [256, 320, 3, 3], `${view}.depthnet.1`, true),
    ...pair(`${view}.depthnet.3`, [256, 256, 3, 3], `${view}.depthnet.4`, true),
    [`${view}.depthnet.6`, { weight: [198, 256, 1, 1], bias: [198] }],
    ...pair(`${view}.downsample.0`, [80, 80, 3, 3], `${view}.downsample.1`),
    ...pair(`${view}.downsample.3`, [80, 80, 3, 3], `${view}.downsample.4`),
    ...pair(`${view}.downsample.6`, [80, 80, 3, 3], `${view}.downsample.7`),
  ];
}

/** A sparse encoder's modules: three stages that end with a strided convolution, one that does not, and the output. */
export function lidar(path: string, layout: Layout): ModuleSketch[] {
  const sparse = (
    conv: string,
    kernel: readonly number[],
    ins: number,
    out: number,
    bn: string,
  ): ModuleSketch[] => [
    [conv, { weight: layout === 'spconv1' ? [...kernel, ins, out] : [out, ...kernel, ins] }],
    [bn, batchNorm(out)],
  ];
  const cube = [3, 3, 3];
  const sketches = sparse(`${path}.conv_input.0`, cube, 5, 16, `${path}.conv_input.1`);
  const channels = [16, 32, 64, 128];
  channels.forEach((width, stage) => {
    const layer = `${path}.encoder_layers.encoder_layer${stage + 1}`;
    for (const block of [0, 1]) {
      const at = `${layer}.${block}`;
      sketches.push(...sparse(`${at}.conv1`, cube, width, width, `${at}.bn1`));
      sketches.push(...sparse(`${at}.conv2`, cube, width, width, `${at}.bn2`));
    }
    const next = channels[stage + 1];
    if (next !== undefined) {
      sketches.push(...sparse(`${layer}.2.0`, cube, width, next, `${layer}.2.1`));
    }
  });
  return [...sketches, ...sparse(`${path}.conv_out.0`, [1, 1, 3], 128, 128, `${path}.conv_out.1`)];
}

function decoder(): ModuleSketch[] {
  const sketches: ModuleSketch[] = [];
  [128, 256].forEach((width, block) => {
    const at = `decoder.backbone.blocks.${block}`;
    for (let layer = 0; layer < 6; layer++) {
      const ins = layer === 0 ? (block === 0 ? 256 : 128) : width;
      sketches.push(...pair(`${at}.${3 * layer}`, [width, ins, 3, 3], `${at}.${3 * layer + 1}`));
    }
  });
  return [
    ...sketches,
    ...pair('decoder.neck.deblocks.0.0', [256, 128, 1, 1], 'decoder.neck.deblocks.0.1'),
    ...pair('decoder.neck.deblocks.1.0', [256, 256, 2, 2], 'decoder.neck.deblocks.1.1'),
  ];
}

function heads(path: string): ModuleSketch[] {
  const sketches: ModuleSketch[] = [
    [`${path}.shared_conv`, { weight: [128, 512, 3, 3], bias: [128] }],
    ...pair(`${path}.heatmap_head.0.conv`, [128, 128, 3, 3], `${path}.heatmap_head.0.bn`, true),
    [`${path}.heatmap_head.1`, { weight: [10, 128, 3, 3], bias: [10] }],
    [`${path}.class_encoding`, { weight: [128, 10, 1], bias: [128] }],
  ];
  for (const attention of ['self', 'cross']) {
    const at = `${path}.decoder.0.${attention}_posembed.position_embedding_head`;
    sketches.push(...pair(`${at}.0`, [128, 2, 1], `${at}.1`, true));
    sketches.push([`${at}.3`, { weight: [128, 128, 1], bias: [128] }]);
  }
  for (const head of ['center', 'height', 'dim', 'rot', 'vel', 'heatmap']) {
    const at = `${path}.prediction_heads.0.${head}`;
    sketches.push(...pair(`${at}.0.conv`, [64, 128, 1], `${at}.0.bn`));
    sketches.push([`${at}.1`, { weight: [2, 64, 1], bias: [2] }]);
  }
  return sketches;
}

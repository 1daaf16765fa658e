/** A family of networks whose code gives its BatchNorms an eps of its own (FOLDING.md C6). */
interface EpsFamily {
  readonly name: string;
  /** Every one of these must match some layer of the file; none means that the layer's own path is sign enough. */
  readonly marks: readonly RegExp[];
  /** Paths of the BatchNorms that the value is for. */
  readonly norms: RegExp;
  readonly eps: number;
}

const start = '(^|\\.)';

/** The first family that matches decides. */
const families: readonly EpsFamily[] = [
  {
    name: 'BEVFusion: lidar encoder, voxel encoder and decoder',
    marks: [/(^|\.)encoders\.(lidar|radar|camera)\./],
    norms: /(^|\.)(encoders\.(lidar|radar)\.|decoder\.(backbone|neck)\.)/,
    eps: 1e-3,
  },
  {
    name: 'BEVFusion: camera, fuser and heads',
    marks: [/(^|\.)encoders\.(lidar|radar|camera)\./],
    norms: /(^|\.)(encoders\.camera|fuser|heads)\./,
    eps: 1e-5,
  },
  {
    name: 'mmdetection3d: camera branch of a fusion network',
    marks: [],
    norms: /(^|\.)(img_backbone|img_neck|view_transform|fusion_layer)\./,
    eps: 1e-5,
  },
  {
    name: 'mmdetection3d: point branch',
    marks: [],
    norms: /(^|\.)(pts_)?(middle_encoder|voxel_encoder)\.|(^|\.)pts_(backbone|neck)\./,
    eps: 1e-3,
  },
  {
    name: 'SECOND with its upsampling neck',
    marks: [/(^|\.)(blocks|deblocks)\.\d+\.\d+$/, /(^|\.)deblocks\.\d+\.0$/],
    norms: /(^|\.)(blocks\.\d+\.\d+|deblocks\.\d+\.1)$/,
    eps: 1e-3,
  },
  {
    name: 'OpenPCDet',
    marks: [],
    norms: /(^|\.)(backbone_3d|backbone_2d|vfe|pfe)\./,
    eps: 1e-3,
  },
  {
    name: 'Ultralytics YOLO',
    marks: [/(^|\.)model\.\d+\.(.*\.)?(cv1|conv|stem\d?)(\.|$)/, /(^|\.)(cv1|cv2|m\.0)\./],
    norms: new RegExp(`${start}model\\.\\d+\\.`),
    eps: 1e-3,
  },
  {
    name: 'YOLOX',
    marks: [],
    norms:
      /(^|\.)(backbone\.backbone\.(dark|stem)|backbone\.(C3_|lateral_|reduce_|bu_)|head\.(cls_convs|reg_convs|stems)\.\d+\.)/,
    eps: 1e-3,
  },
  {
    name: 'EfficientNet of lukemelas',
    marks: [/(^|\.)_blocks\.\d+\._depthwise_conv$/],
    norms: /(^|\.)_bn\d$/,
    eps: 1e-3,
  },
  {
    name: 'Inception',
    marks: [],
    norms:
      /(^|\.)(Conv2d_\d[a-z]_|Mixed_\d[a-z]\.|inception\d[a-z]\.|conv2d_\d[ab]\.|mixed_\d[ab]\.|repeat(_\d)?\.\d+\.branch|features\.\d+\.branch\d\.)/,
    eps: 1e-3,
  },
  {
    name: 'NASNet',
    marks: [],
    norms: /(^|\.)(cell_(stem_)?\d+\.|reduction_cell_\d\.|comb\d_(left|right)\.|conv0\.bn$)/,
    eps: 1e-3,
  },
  {
    name: 'DPN',
    marks: [/\.c1x1_a\.conv$/],
    norms: /(^|\.)(c\dx\d_\w+|conv\d_\d+|conv\d_bn_ac)\./,
    eps: 1e-3,
  },
  {
    name: 'MobileNetV3 of torchvision',
    marks: [/(^|\.)(features|backbone(\.features)?(\.\d)?)\.\d+\.block\.\d+\.fc1$/],
    norms: /(^|\.)(features|backbone)\.(\d+\.)*(block\.\d+\.)?1$/,
    eps: 1e-3,
  },
];

/** Finds out which families a file belongs to, from the paths of its layers, once for all its BatchNorms. */
export function epsFamiliesOf(
  paths: readonly string[],
): (normPath: string) => { readonly name: string; readonly eps: number } | null {
  const present = families.filter(({ marks }) =>
    marks.every((mark) => paths.some((path) => mark.test(path))),
  );
  return (normPath) => present.find(({ norms }) => norms.test(normPath)) ?? null;
}

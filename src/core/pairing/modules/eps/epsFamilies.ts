/** A family of networks whose code gives its BatchNorms an eps of its own (FOLDING.md C6). */
export interface EpsFamily {
  /** Layers that only networks of this family have: each mark must match one layer of the file. */
  readonly marks: readonly LayerMark[];
  /** A layer that no network of this family has. */
  readonly lacks?: RegExp;
  /** Paths of the BatchNorms that the value is for. */
  readonly norms: RegExp;
  readonly eps: number;
}

/** A layer by its path, and where names alone do not tell, by its weight's shape. */
export interface LayerMark {
  readonly path: RegExp;
  readonly shape?: (weight: readonly number[]) => boolean;
}

const any = /^/;

/** All families that are known; the first one that fits a BatchNorm decides. */
export const epsFamilies: readonly EpsFamily[] = [
  // BEVFusion: lidar and voxel encoders and the decoder; then camera, fuser and heads.
  {
    marks: [{ path: /(^|\.)encoders\.(lidar|radar|camera)\./ }],
    norms: /(^|\.)(encoders\.(lidar|radar)\.|decoder\.(backbone|neck)\.)/,
    eps: 1e-3,
  },
  {
    marks: [{ path: /(^|\.)encoders\.(lidar|radar|camera)\./ }],
    norms: /(^|\.)(encoders\.camera|fuser|heads)\./,
    eps: 1e-5,
  },
  // mmdetection3d: camera branches, then point branches.
  { marks: [], norms: /(^|\.)(img_backbone|img_neck|view_transform|fusion_layer)\./, eps: 1e-5 },
  {
    marks: [],
    norms: /(^|\.)((pts_)?(middle_encoder|voxel_encoder)|pts_backbone|pts_neck)\./,
    eps: 1e-3,
  },
  // SECOND with its upsampling neck (CenterPoint, PointPillars of mmdetection3d and det3d).
  {
    marks: [{ path: /(^|\.)deblocks\.\d+\.0$/ }],
    norms: /(^|\.)(blocks\.\d+\.\d+|deblocks\.\d+\.1)$/,
    eps: 1e-3,
  },
  // OpenPCDet.
  { marks: [], norms: /(^|\.)(backbone_3d|backbone_2d|vfe|pfe)\./, eps: 1e-3 },
  // Ultralytics: detectors, segmenters and the like; its classifiers keep PyTorch's value.
  {
    marks: [
      { path: /(^|\.)model\.\d+\.(.*\.)?(cv1|conv|stem\d?)(\.|$)/ },
      { path: /(^|\.)(cv1|cv2|m\.0)\./ },
    ],
    lacks: /(^|\.)model\.\d+\.linear$/,
    norms: /(^|\.)model\.\d+\./,
    eps: 1e-3,
  },
  // YOLOX, and the CSP networks of mmdetection.
  {
    marks: [],
    norms:
      /(^|\.)(backbone\.backbone\.(dark|stem)|backbone\.(C3_|lateral_|reduce_|bu_)|head\.(cls_convs|reg_convs|stems)\.\d+\.)/,
    eps: 1e-3,
  },
  {
    marks: [{ path: /\.main_conv\.conv$/ }, { path: /(^|\.)stage\d\.0\.conv$/ }],
    norms: /(^|\.)(backbone|neck|stem|stage\d)\./,
    eps: 1e-3,
  },
  // EfficientNet of lukemelas.
  {
    marks: [{ path: /(^|\.)_blocks\.\d+\._depthwise_conv$/ }],
    norms: /(^|\.)_bn\d$/,
    eps: 1e-3,
  },
  // EfficientNet of torchvision: V2 begins with a fused block, B5 to B7 have wide heads.
  {
    marks: [
      { path: /(^|\.)features\.1\.0\.block\.0\.0$/, shape: ([, groupIn]) => groupIn !== 1 },
      { path: /(^|\.)features\.4\.0\.block\.2\.fc1$/ },
    ],
    norms: /(^|\.)features\./,
    eps: 1e-3,
  },
  {
    marks: [
      { path: /(^|\.)features\.8\.0$/, shape: ([out = 0]) => out >= 2048 },
      { path: /(^|\.)features\.\d+\.\d+\.block\.\d+\.fc1$/ },
    ],
    norms: /(^|\.)features\./,
    eps: 1e-3,
  },
  // MobileNetV3 of torchvision, on its own, under SSDLite and under segmentation heads.
  {
    marks: [{ path: /(^|\.)backbone\.features\.\d\.\d+\.block\.\d+\.fc1$/ }],
    norms: any,
    eps: 1e-3,
  },
  {
    marks: [{ path: /(^|\.)(features|backbone)\.\d+\.block\.\d+\.fc1$/ }],
    norms: /(^|\.)(features|backbone)\./,
    eps: 1e-3,
  },
  // MaxViT of torchvision.
  { marks: [{ path: /\.MBconv\.layers\./ }], norms: any, eps: 1e-3 },
  // Inception in its many hands, GoogLeNet and S3D.
  { marks: [], norms: /(^|\.)(Conv2d_\d[a-z]_\w+|Mixed_\d[a-z]|inception\d[a-z])\./, eps: 1e-3 },
  {
    marks: [{ path: /(^|\.)inception\d[a-z]\./ }],
    norms: /(^|\.)(conv\d|aux\d\.conv)\.bn$/,
    eps: 1e-3,
  },
  { marks: [{ path: /(^|\.)Mixed_\d[a-z]\./ }], norms: /(^|\.)AuxLogits\./, eps: 1e-3 },
  {
    marks: [{ path: /(^|\.)repeat(_\d)?\.\d+\.branch/ }],
    norms: /(^|\.)(conv2d_\d[ab]|mixed_\d[ab]|repeat(_\d)?|block8)\./,
    eps: 1e-3,
  },
  {
    marks: [{ path: /(^|\.)features\.\d+\.branch\d\.\d+\./ }],
    norms: /(^|\.)features\./,
    eps: 1e-3,
  },
  // NASNet and PNASNet.
  {
    marks: [{ path: /(^|\.)cell_(stem_)?\d+\.comb_iter/ }],
    norms: /(^|\.)(cell_|reduction_cell|conv_?0\.)/,
    eps: 1e-3,
  },
  {
    marks: [{ path: /(^|\.)comb\d_(left|right)\./ }],
    norms: /(^|\.)features\./,
    eps: 1e-3,
  },
  // DPN and the Xception of timm.
  {
    marks: [{ path: /\.c1x1_a\.conv$/ }],
    norms: /(^|\.)(c\dx\d_\w+|conv\d_\d+|conv\d_bn_ac)\./,
    eps: 1e-3,
  },
  {
    marks: [{ path: /(^|\.)blocks\.\d+\.stack\.conv\d\.conv_dw$/ }],
    norms: /(^|\.)(stem|blocks)\./,
    eps: 1e-3,
  },
];

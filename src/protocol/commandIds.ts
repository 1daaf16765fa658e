/** Commands of the extension. `package.json` names the same ones; a test compares the two. */
export const commandIds = {
  /** Arguments: a file or path, or nothing for the active one; then the files selected with it. */
  fuse: 'fusebn.fuse',
  showPairs: 'fusebn.showPairs',
  showOverview: 'fusebn.showOverview',
  showStructure: 'fusebn.showStructure',
  compare: 'fusebn.compare',
  /** Arguments: as `fuse`; or path of the model, id of the pair. */
  showDrift: 'fusebn.showDrift',
  openModel: 'fusebn.openModel',
  closeModel: 'fusebn.closeModel',
  refreshModel: 'fusebn.refreshModel',
  /** Arguments: path of the model, id of the pair; or a node of the view. */
  fusePair: 'fusebn.fusePair',
  revealInStructure: 'fusebn.revealInStructure',
  revealInModels: 'fusebn.revealInModels',
  copyPairName: 'fusebn.copyPairName',
  /** Arguments: path of the model, id of the pair; or a node of the view; or nothing for the pair in front. */
  showStatistics: 'fusebn.showStatistics',
  /** Arguments: as `fuse`. */
  testStatistics: 'fusebn.testStatistics',
  stopStatistics: 'fusebn.stopStatistics',
  groupByModule: 'fusebn.groupByModule',
  groupByVerdict: 'fusebn.groupByVerdict',
  usePolicyAll: 'fusebn.usePolicyAll',
  usePolicyBevfusion: 'fusebn.usePolicyBevfusion',
  showLog: 'fusebn.showLog',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

import { isAll, type ModuleFacts } from './moduleFacts';

/** `3, 64, kernel_size=(7, 7), stride=(2, 2), …`, of any dense convolution; deformable ones keep fewer arguments. */
export function convolution(facts: ModuleFacts): string[] {
  return [
    facts.text('in_channels'),
    facts.text('out_channels'),
    ...facts.named('kernel_size', 'stride'),
    ...facts.unless('padding', isAll(0)),
    ...facts.unless('dilation', isAll(1)),
    ...(facts.has('output_padding') ? facts.unless('output_padding', isAll(0)) : []),
    ...facts.unless('groups', (value) => value === 1),
    ...(facts.hasBias ? [] : ['bias=False']),
    ...facts.unless('padding_mode', (value) => value === 'zeros' || value === null),
  ];
}

const algorithms = ['Native', 'MaskImplicitGemm', 'MaskSplitImplicitGemm'];

/** spconv 2 prints its arguments as lists, defaults included; spconv 1 prints none. */
export function sparseConvolution(facts: ModuleFacts): string | null {
  const { classModule } = facts.module;
  const isSecond = facts.has('algo') || /^spconv\.pytorch\b/.test(classModule ?? '');
  if (!isSecond) return '';
  if (!facts.has('in_channels', 'out_channels', 'kernel_size')) return null;
  const sizes = ['kernel_size', 'stride', 'padding', 'dilation', 'output_padding'];
  const algorithm = algorithms[Number(facts.value('algo') ?? Number.NaN)];
  return [
    facts.text('in_channels'),
    facts.text('out_channels'),
    ...sizes.filter((name) => facts.has(name)).map((name) => `${name}=${facts.text(name, 'list')}`),
    ...(facts.has('groups') ? facts.unless('groups', (value) => value === 1) : []),
    ...(facts.hasBias ? [] : ['bias=False']),
    ...(algorithm === undefined ? [] : [`algo=ConvAlgo.${algorithm}`]),
  ].join(', ');
}

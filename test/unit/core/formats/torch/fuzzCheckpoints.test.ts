import { suite } from 'node:test';
import { fuzzFormat } from '../../../../support/fuzzFormat';
import { openBytes } from '../../../../support/torchFixtures';

suite('damaged checkpoints', () => {
  fuzzFormat('zip.pth', openBytes);
  fuzzFormat('legacy.pth', openBytes);
  fuzzFormat('module.pth', openBytes);
});

import { suite } from 'node:test';
import { MemorySource } from '../../../../../src/core/bytes/byteSource';
import { ModelFormatError } from '../../../../../src/core/errors';
import { openSafetensors } from '../../../../../src/core/formats/safetensors/openSafetensors';
import { fuzzFormat } from '../../../../support/fuzzFormat';
import { openBytes } from '../../../../support/torchFixtures';

suite('damaged programs and safetensors files', () => {
  // Stored, so that the damage reaches the code and not only its compression.
  fuzzFormat('traced-stored.pt', openBytes);
  fuzzFormat('exported.pt2', openBytes);
  fuzzFormat('tiny.safetensors', (bytes, name) =>
    openSafetensors(new MemorySource(bytes, name), {
      open: (shard) => {
        throw new ModelFormatError(`there is no ${shard}`);
      },
    }),
  );
});

/** Something is wrong with the operation at hand; `readPickle` adds where and makes it a ModelFormatError. */
export class PickleFault extends Error {
  override readonly name = 'PickleFault';
}

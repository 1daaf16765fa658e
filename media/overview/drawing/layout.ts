import type {
  ConnectionBasis,
  SurroundingLayer,
  Surroundings,
} from '../../../src/core/model/surroundings';

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One connection as an SVG path, and where its arrow points. */
export interface Line {
  readonly path: string;
  readonly tip: { readonly x: number; readonly y: number; readonly isSideways: boolean };
  readonly basis: ConnectionBasis;
}

export interface DrawingLayout {
  /** One for each layer, in the same order. */
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly height: number;
}

const BOX_HEIGHT = 40;
const ROW_GAP = 22;
const COLUMN_GAP = 10;
const MAX_BOX_WIDTH = 300;
/** Width of the pair's own column where something stands beside it, of what there is. */
const MAIN_SHARE = 0.58;
/** Connections that pass rows run left of the boxes, each in a lane of its own. */
const LANE_WIDTH = 10;
/** Room between the boxes and the nearest lane, for corner and arrow. */
const LANE_GAP = 14;
const CORNER = 6;

/**
 * Places the layers around a pair from top to bottom. Convolution and BatchNorm stand in one column with what leads
 * straight to them and on; what touches that way from outside stands to the right.
 */
export function layoutDrawing({ layers, connections }: Surroundings, width: number): DrawingLayout {
  const rows = rowsOf(layers);
  const isMain = layers.map((layer, idx) => rows[layer.row]?.[0] === idx);
  const passing = connections.filter(
    ({ from, to }) =>
      isMain[from] === true && isMain[to] === true && rowOf(layers, to) - rowOf(layers, from) > 1,
  );
  const left = passing.length === 0 ? 0 : (passing.length - 1) * LANE_WIDTH + LANE_GAP;
  const boxes = placeBoxes(layers, rows, left, width);
  const lines = connections.flatMap((connection): Line[] => {
    const from = boxes[connection.from];
    const to = boxes[connection.to];
    if (from === undefined || to === undefined) return [];
    const lane = passing.indexOf(connection);
    const line =
      lane === -1 ? curve(from, to) : detour(from, to, left - LANE_GAP - lane * LANE_WIDTH);
    return [{ ...line, basis: connection.basis }];
  });
  const height = Math.max(rows.length * (BOX_HEIGHT + ROW_GAP) - ROW_GAP, 0);
  return { boxes, lines, height };
}

const mainRoles: ReadonlySet<SurroundingLayer['role']> = new Set(['conv', 'between', 'bn']);

/** Positions of the layers of each row; the one on the pair's own way first. */
function rowsOf(layers: readonly SurroundingLayer[]): readonly (readonly number[])[] {
  const rows: number[][] = [];
  layers.forEach(({ row }, idx) => {
    while (rows.length <= row) rows.push([]);
    rows[row]?.push(idx);
  });
  const rank = (idx: number): number => {
    const role = layers[idx]?.role ?? 'beside';
    return mainRoles.has(role) ? 0 : role === 'beside' ? 2 : 1;
  };
  return rows.map((row) => row.toSorted((a, b) => rank(a) - rank(b) || a - b));
}

function placeBoxes(
  layers: readonly SurroundingLayer[],
  rows: readonly (readonly number[])[],
  left: number,
  width: number,
): readonly Box[] {
  const room = width - left;
  const hasSide = rows.some((row) => row.length > 1 && isOnTheWay(layers, row));
  const mainWidth = Math.min(hasSide ? room * MAIN_SHARE : room, MAX_BOX_WIDTH);
  const mainX = hasSide ? left : left + (room - mainWidth) / 2;
  const boxes: Box[] = [];
  rows.forEach((row, rowIdx) => {
    const y = rowIdx * (BOX_HEIGHT + ROW_GAP);
    const [first, ...side] = row;
    const place = (idx: number | undefined, x: number, boxWidth: number): void => {
      if (idx !== undefined) boxes[idx] = { x, y, width: boxWidth, height: BOX_HEIGHT };
    };
    if (side.length === 0 || isOnTheWay(layers, row)) {
      place(first, mainX, mainWidth);
      spread(side, mainX + mainWidth + COLUMN_GAP, left + room, place);
    } else {
      // Branches before or behind the pair share the whole width.
      spread(row, left, left + room, place);
    }
  });
  return boxes;
}

/** Whether a row holds a layer of the pair's own way, which keeps its column. */
function isOnTheWay(layers: readonly SurroundingLayer[], row: readonly number[]): boolean {
  const layer = layers[row[0] ?? -1];
  return layer !== undefined && mainRoles.has(layer.role);
}

function spread(
  items: readonly number[],
  from: number,
  to: number,
  place: (idx: number, x: number, width: number) => void,
): void {
  const share = (to - from + COLUMN_GAP) / items.length;
  items.forEach((idx, position) => {
    const boxWidth = Math.min(share - COLUMN_GAP, MAX_BOX_WIDTH);
    place(idx, from + position * share, boxWidth);
  });
}

function rowOf(layers: readonly SurroundingLayer[], idx: number): number {
  return layers[idx]?.row ?? 0;
}

/** From the bottom of one box to the top of another. */
function curve(from: Box, to: Box): Omit<Line, 'basis'> {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y];
  const middle = (y1 + y2) / 2;
  return {
    path: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`,
    tip: { x: x2, y: y2, isSideways: false },
  };
}

/** Around the boxes in between: out to a lane on the left, down, and in again. */
function detour(from: Box, to: Box, lane: number): Omit<Line, 'basis'> {
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  return {
    path: [
      `M${from.x} ${y1}H${lane + CORNER}`,
      `Q${lane} ${y1} ${lane} ${y1 + CORNER}`,
      `V${y2 - CORNER}`,
      `Q${lane} ${y2} ${lane + CORNER} ${y2}`,
      `H${to.x}`,
    ].join(''),
    tip: { x: to.x, y: y2, isSideways: true },
  };
}

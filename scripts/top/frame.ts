/** A picture as lines of text: both centres side by side where there is room for them, otherwise one below the other. */
import type { CentreName } from '../../functions/core/propagation/event.ts';
import { type Row, rowsOf } from './rows.ts';
import type { Style } from './style.ts';
import type { Picture } from './watch.ts';

export interface FrameOptions {
  readonly columns: number;
  readonly style: Style;
  /** Said on top, when there is something the matter. */
  readonly notice?: string | undefined;
}

const centreColumnsMin = 61;
const gap = '  ';
export function frameOf(picture: Picture, { columns, style, notice }: FrameOptions): readonly string[] {
  const { at, seconds, centres } = picture;
  const nowMs = Date.parse(at);
  const isWide = columns >= 2 * centreColumnsMin + gap.length;
  const width = isWide ? Math.floor((columns - gap.length) / 2) : columns;
  const blocks = (Object.keys(centres) as CentreName[]).map((centre) =>
    rowsOf(centre, centres[centre], nowMs),
  );
  const head: Row[] = [
    [
      ['Membership', 'strong'],
      [`  last ${seconds} s  ${at.slice(11, 19)} UTC`, 'faint'],
    ],
  ];
  if (notice !== undefined) head.push([[notice, 'bad']]);
  const top = head.map((row) => rendered(row, columns, style).trimEnd());
  if (!isWide) {
    return [
      ...top,
      ...blocks.flatMap((rows) => ['', ...rows.map((row) => rendered(row, width, style).trimEnd())]),
    ];
  }
  const height = Math.max(...blocks.map((rows) => rows.length));
  const beside = Array.from({ length: height }, (_, index) =>
    blocks
      .map((rows) => rendered(rows[index] ?? [], width, style))
      .join(gap)
      .trimEnd(),
  );
  return [...top, '', ...beside];
}

/** Exactly `width` wide: cut, or filled up. */
function rendered(segments: Row, width: number, style: Style): string {
  let left = width;
  let text = '';
  for (const [said, look] of segments) {
    const shown = said.slice(0, left);
    left -= shown.length;
    text += look && shown.trim() !== '' ? style[look](shown) : shown;
  }
  return text + ' '.repeat(left);
}

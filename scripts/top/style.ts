/** How things look: with the terminal's own colours, or without any. */
export type Style = Readonly<Record<'strong' | 'faint' | 'warn' | 'bad', (text: string) => string>>;

const csi = '\u001b[';
const wrapped =
  (code: number) =>
  (text: string): string =>
    `${csi}${code}m${text}${csi}0m`;

export const coloured: Style = { strong: wrapped(1), faint: wrapped(2), warn: wrapped(33), bad: wrapped(31) };

const asItIs = (text: string): string => text;
export const plain: Style = { strong: asItIs, faint: asItIs, warn: asItIs, bad: asItIs };

/** The terminal as a screen of its own, given back as it was: at the end, at Ctrl-C, and when the process fails. */
import type { ReadStream, WriteStream } from 'node:tty';

export interface Screen {
  columns(): number;
  show(lines: readonly string[]): void;
  /** Resolves when the user wants to leave: `q`, Ctrl-C, or a signal to end. */
  readonly left: Promise<void>;
  restore(): void;
}

type Output = Pick<WriteStream, 'write' | 'columns' | 'rows'>;
type Input = Pick<ReadStream, 'isTTY' | 'setRawMode' | 'on' | 'resume' | 'pause'>;

const csi = '\u001b[';
const enter = `${csi}?1049h${csi}?25l`;
const leave = `${csi}?25h${csi}?1049l`;
const home = `${csi}H`;
const toEndOfLine = `${csi}K`;
const toEndOfScreen = `${csi}J`;
const controlC = '\u0003';

export function openScreen(output: Output, input: Input, onSignal: (end: () => void) => void): Screen {
  let isOpen = true;
  const restore = (): void => {
    if (!isOpen) return;
    isOpen = false;
    if (input.isTTY) input.setRawMode(false);
    input.pause();
    output.write(leave);
  };
  output.write(enter);
  const left = new Promise<void>((resolve) => {
    onSignal(resolve);
    if (!input.isTTY) return;
    // Raw, so that keys are not shown; then Ctrl-C is a key too.
    input.setRawMode(true);
    input.on('data', (keys: Buffer) => {
      if (/q/i.test(keys.toString()) || keys.includes(controlC)) resolve();
    });
    input.resume();
  });
  return {
    columns: () => output.columns,
    show(lines) {
      if (!isOpen) return;
      const shown = lines.slice(0, Math.max(1, output.rows));
      output.write(home + shown.map((line) => `${line}${toEndOfLine}`).join('\r\n') + toEndOfScreen);
    },
    left,
    restore,
  };
}

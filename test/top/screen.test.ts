import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { openScreen } from '../../scripts/top/screen.ts';

let written: string;
let input: EventEmitter & { isTTY: true; isRaw: boolean; setRawMode(raw: boolean): void };
let endBySignal: () => void;

function open(rows = 3) {
  const write = (text: string): boolean => {
    written += text;
    return true;
  };
  const output = { columns: 80, rows, write };
  return openScreen(output, input as unknown as Parameters<typeof openScreen>[1], (end) => {
    endBySignal = end;
  });
}

beforeEach(() => {
  written = '';
  const idle = { resume() {}, pause() {} };
  input = Object.assign(new EventEmitter(), idle, {
    isTTY: true as const,
    isRaw: false,
    setRawMode(raw: boolean) {
      input.isRaw = raw;
    },
  });
});

describe('the screen', () => {
  it.each([
    ['q', () => input.emit('data', Buffer.from('q'))],
    ['Ctrl-C as a key', () => input.emit('data', Buffer.from('\u0003'))],
    ['a signal', () => endBySignal()],
  ])('is left by %s, and given back as it was', async (_, leave) => {
    const screen = open();
    expect(input.isRaw).toBe(true);
    leave();
    await screen.left;
    screen.restore();
    expect(input.isRaw).toBe(false);
    expect(written).toBe('\u001b[?1049h\u001b[?25l\u001b[?25h\u001b[?1049l');
    screen.restore();
    screen.show(['late']);
    expect(written).not.toContain('late');
  });

  it('shows no more than there are rows', () => {
    open(2).show(['one', 'two', 'three']);
    expect(written).toContain('two');
    expect(written).not.toContain('three');
  });
});

import { styleText } from 'node:util';
import { terminalText } from './escape.ts';
import { wrap } from './layout.ts';

export interface Look {
  /** Columns of the terminal; fewer than `MIN_WIDTH` count as that. */
  readonly width: number;
  readonly colour: boolean;
}

const MIN_WIDTH = 40;

type Style = Parameters<typeof styleText>[0];

/** Collects the lines of an output: text is escaped, then wrapped, then coloured, so that no line outgrows the width. */
export class Lines {
  readonly #look: Look;
  readonly #lines: string[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  /** Text from anywhere, its first line after `first`, the others indented as far; at most `most` lines. */
  add(text: string, first = '', style?: Style, most?: number): this {
    const width = Math.max(MIN_WIDTH, Number.isFinite(this.#look.width) ? Math.floor(this.#look.width) : MIN_WIDTH);
    for (const line of wrap(terminalText(text), width, first, most)) this.#push(line.trimEnd(), style);
    return this;
  }

  /** A heading between parts. */
  heading(text: string): this {
    return this.blank().add(text, '  ', 'bold');
  }

  blank(): this {
    if (this.#lines.at(-1) !== '') this.#lines.push('');
    return this;
  }

  toString(): string {
    return this.#lines.join('\n');
  }

  #push(line: string, style: Style | undefined): void {
    const coloured = style !== undefined && this.#look.colour && line !== '';
    this.#lines.push(coloured ? styleText(style, line, { validateStream: false }) : line);
  }
}

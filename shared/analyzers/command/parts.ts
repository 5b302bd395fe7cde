import type { Part } from './words.ts';

/** Collects the parts of one word, joining neighbouring text. */
export class Parts {
  private readonly parts: Part[] = [];
  private pending: string[] = [];
  private quoted = false;
  private open = false;

  text(text: string, quoted: boolean): void {
    if (this.open && this.quoted !== quoted) this.flush();
    this.open = true;
    this.quoted = quoted;
    this.pending.push(text);
  }

  push(part: Part): void {
    this.flush();
    this.parts.push(part);
  }

  list(): readonly Part[] {
    this.flush();
    return this.parts;
  }

  private flush(): void {
    if (this.open) this.parts.push({ kind: 'text', text: this.pending.join(''), quoted: this.quoted });
    this.pending = [];
    this.open = false;
  }
}

import { MAX_SCRIPT } from './words.ts';

/** Programs that a command line may run. */
export const MAX_PROGRAMS = 2048;
/** Characters of shell text that are read of one command line. */
const MAX_TEXT = 4 * MAX_SCRIPT;
/** Characters that pass from command to command in pipes. */
const MAX_FED = 8 * MAX_SCRIPT;
/** What all turns of loops after their first may cost together, in characters; what a program and a command cost. */
const MAX_REPEATED = 262_144;
const PROGRAM_COST = 256;
const COMMAND_COST = 32;

/** What reading one command line may cost; the later turns of loops pay out of a purse of their own. */
export class Budget {
  private text = MAX_TEXT;
  private fed = MAX_FED;
  private repeated = MAX_REPEATED;
  private repeating = 0;

  /** Pays for text, in characters; false where that is too much. */
  reads(characters: number): boolean {
    if (this.repeating > 0) return this.repeats(characters);
    if (this.text < characters) return false;
    this.text -= characters;
    return true;
  }

  /** Pays for what a command is fed. */
  feeds(characters: number): boolean {
    this.fed -= characters;
    return this.fed >= 0;
  }

  /** Pays for a program that is noted behind others: turns leave half of the list free, so that they hide nothing. */
  notes(others: number): boolean {
    if (this.repeating === 0) return others < MAX_PROGRAMS;
    return others < MAX_PROGRAMS / 2 && this.repeats(PROGRAM_COST);
  }

  /** Pays for a command and its words. */
  runs(words: readonly string[] = []): boolean {
    return this.repeating === 0 || this.repeats(words.reduce((sum, word) => sum + word.length, COMMAND_COST));
  }

  /** Does the turns of a loop that come after its first. */
  repeat(turns: () => void): void {
    this.repeating++;
    turns();
    this.repeating--;
  }

  private repeats(cost: number): boolean {
    this.repeated -= cost;
    return this.repeated >= 0;
  }
}

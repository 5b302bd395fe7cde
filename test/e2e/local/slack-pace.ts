/** What a webhook takes: "1 per second", with short bursts (docs.slack.dev, "Rate limits", posting messages). */
const EVERY_MS = 1000;
const BURST = 4;

/** The limit of one webhook: each message takes one of a few places, and one place comes back each interval. */
export class SlackPace {
  /** Milliseconds until a place comes back. */
  everyMs = EVERY_MS;
  /** Places while nobody posts. */
  burst = BURST;
  #taken = 0;
  #at = 0;

  /**
   * @param now milliseconds of a clock that never goes back
   * @returns seconds to wait, as a `Retry-After` names them; 0 for a message that is taken
   */
  take(now: number): number {
    this.#taken = Math.max(0, this.#taken - (now - this.#at) / this.everyMs);
    this.#at = now;
    const over = this.#taken + 1 - this.burst;
    if (over > 0) return Math.ceil((over * this.everyMs) / 1000);
    this.#taken += 1;
    return 0;
  }
}
